import { TestClient, type TestRequest, type TestResponse } from './test-client';

/** Acts like a browser on Signpost's own pages: keeps cookies, and sends its origin with each change. */
export class Browser extends TestClient {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {
    super(origin, null);
  }

  override async send<Body>(method: string, path: string, request: TestRequest): Promise<TestResponse<Body>> {
    const origin = method === 'GET' ? {} : { origin: this.origin };
    const cookie = this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() };
    const response = await super.send<Body>(method, path, {
      ...request,
      headers: { ...origin, ...cookie, ...request.headers },
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** A `Cookie` header, as a thief of the cookies would send it. */
  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Another browser with the same cookies. */
  copy(): Browser {
    const copy = new Browser(this.origin);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }

  private keep(line: string): void {
    const [pair = ''] = line.split(';', 1);
    const equals = pair.indexOf('=');
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (value === '' || /;\s*max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
