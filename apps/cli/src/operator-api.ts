import { SignpostClientError } from '@signpost/client';

const ANSWER_MS_MAX = 15_000;

/** Calls the API as the operator. */
export class OperatorApi {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  /** @returns null where `get` would throw `not_found` */
  async find<T>(path: string): Promise<T | null> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof SignpostClientError && error.code === 'not_found') return null;
      throw error;
    }
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.call('POST', path, body);
  }

  patch<T>(path: string, body: object): Promise<T> {
    return this.call('PATCH', path, body);
  }

  /** @throws SignpostClientError when the answer is a refusal, or there is none */
  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      text = await response.text();
    } catch (cause) {
      const message = `The API at ${this.url} does not answer.`;
      throw new SignpostClientError(message, { code: 'unreachable', status: null, cause });
    }
    if (!response.ok) throw SignpostClientError.ofAnswer(response.status, text);
    return JSON.parse(text) as T;
  }
}
