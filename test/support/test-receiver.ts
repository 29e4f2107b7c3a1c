import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a receiver got it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

/** Answers one request; the default answer is 200 with `ok`. */
export type Answer = (request: ReceivedRequest, response: ServerResponse, incoming: IncomingMessage) => void;

/** A real HTTP endpoint on loopback that remembers what it received. */
export class TestReceiver {
  readonly requests: ReceivedRequest[] = [];
  private waiters: { count: number; matches: (request: ReceivedRequest) => boolean; resolve: () => void }[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    private answer: Answer,
  ) {}

  static async start(answer: Answer = answerWith(200)): Promise<TestReceiver> {
    const server = createServer({ keepAlive: true });
    const receiver = new TestReceiver(server, answer);
    server.on('request', (incoming, response) => void receiver.receive(incoming, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  answerWith(answer: Answer): void {
    this.answer = answer;
  }

  /** Resolves when `count` matching requests have been received. */
  async received(
    count: number,
    matches: (request: ReceivedRequest) => boolean = () => true,
  ): Promise<ReceivedRequest[]> {
    if (this.requests.filter(matches).length < count) {
      await new Promise<void>((resolve) => this.waiters.push({ count, matches, resolve }));
    }
    return this.requests.filter(matches);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: ReceivedRequest = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      atMs: performance.now(),
    };
    this.requests.push(request);
    this.answer(request, response, incoming);
    this.waiters = this.waiters.filter(({ count, matches, resolve }) => {
      if (this.requests.filter(matches).length < count) return true;
      resolve();
      return false;
    });
  }
}

/** Gives every request the same answer. */
export function answerWith(status: number, headers: Record<string, string> = {}, body = 'ok'): Answer {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}
