/** An answer of the API. */
export interface TestResponse<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** The value of a JSON text; any other text as it is; undefined when there is no text. */
  readonly body: Body;
  readonly text: string;
}

export interface TestRequest {
  /** Sent as JSON; strings and bytes are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `manual`: redirects are not followed. */
  readonly redirect?: 'manual';
}

/** Makes requests as one caller. The type parameter says which body a test expects; the body is not checked. */
export class TestClient {
  constructor(
    private readonly baseUrl: string,
    private readonly authorization: string | null,
  ) {}

  get<Body>(path: string, request: TestRequest = {}): Promise<TestResponse<Body>> {
    return this.send('GET', path, request);
  }

  post<Body>(path: string, body?: unknown, request: TestRequest = {}): Promise<TestResponse<Body>> {
    return this.send('POST', path, { ...request, body });
  }

  patch<Body>(path: string, body: unknown): Promise<TestResponse<Body>> {
    return this.send('PATCH', path, { body });
  }

  delete<Body>(path: string): Promise<TestResponse<Body>> {
    return this.send('DELETE', path, {});
  }

  async send<Body>(
    method: string,
    path: string,
    { body, headers = {}, redirect }: TestRequest,
  ): Promise<TestResponse<Body>> {
    const response = await fetch(this.baseUrl + path, {
      method,
      ...(redirect === undefined ? {} : { redirect }),
      headers: {
        ...(this.authorization === null ? {} : { authorization: this.authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = text === '' ? undefined : isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body: parsed as Body, text };
  }
}

function bodyOf(body: unknown): string | Buffer<ArrayBuffer> {
  return typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : JSON.stringify(body);
}

export function bearer(token: string): string {
  return `Bearer ${token}`;
}

export function basic({ key, secret }: { key: string; secret: string }): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}
