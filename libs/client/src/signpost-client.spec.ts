import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rawJson } from './raw-json';
import { SignpostClient, type SignpostClientOptions } from './signpost-client';
import { SignpostClientError } from './signpost-client-error';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse) => void;

const EVENT = { id: 'evt_1', type: 'order.create', timestamp: '2026-02-20T08:15:30.412Z' };

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(status, headers).end(JSON.stringify(body));
}

function problem(status: number, code: string, more: object = {}): Answer {
  return answer(status, { status, code, detail: `It is ${code}.`, ...more });
}

const accepted = answer(202, EVENT);
const unavailable = problem(503, 'unavailable');
const cutOff: Answer = (response) => void response.destroy();

describe('SignpostClient', () => {
  let server: Server;
  let received: Received[];
  let waitedMs: number[];
  /** The answers of the next requests; when there are none left, the event is accepted. */
  let answers: Answer[];

  beforeEach(async () => {
    [received, waitedMs, answers] = [[], [], []];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
        (answers.shift() ?? accepted)(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  function client(options: Partial<SignpostClientOptions> = {}): SignpostClient {
    const { port } = server.address() as AddressInfo;
    return new SignpostClient({
      baseUrl: `http://127.0.0.1:${port}/`,
      store: 'acme',
      key: 'spk_key',
      secret: 'whsec_secret',
      sleep: async (timeMs) => void waitedMs.push(timeMs),
      random: () => 1,
      ...options,
    });
  }

  it('publishes an event as the API key of its store', async () => {
    await expect(client().publish('order.create', { id: 1 })).resolves.toEqual(EVENT);
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/stores/acme/events',
        body: '{"type":"order.create","data":{"id":1}}',
        headers: {
          authorization: `Basic ${Buffer.from('spk_key:whsec_secret').toString('base64')}`,
          'content-type': 'application/json',
        },
      },
    ]);
  });

  it('sends raw JSON as it is written', async () => {
    await client().publish('order.create', rawJson('{ "id": 9223372036854775807, "total": 10.00 }'));
    expect(received[0]?.body).toBe('{"type":"order.create","data":{ "id": 9223372036854775807, "total": 10.00 }}');
  });

  it('sends a whole body as it is written', async () => {
    const body = '{\n  "type": "order.create", "data": {"total": 10.00}\n}\n';
    await client().publishBody(body);
    expect(received[0]?.body).toBe(body);
  });

  it('says when the event happened', async () => {
    const timestamp = '2026-02-20T08:15:30.412Z';
    await client().publish('order.create', {}, { timestamp: new Date(timestamp) });
    await client().publish('order.create', {}, { timestamp });
    const body = `{"type":"order.create","timestamp":"${timestamp}","data":{}}`;
    expect(received.map((request) => request.body)).toEqual([body, body]);
  });

  it('publishes a batch', async () => {
    answers = [answer(202, { data: [EVENT, EVENT] })];
    const events = [
      { type: 'order.create', data: { id: 1 } },
      { type: 'order.cancel', data: rawJson('{"total":10.00}') },
    ];
    await expect(client().publishBatch(events)).resolves.toEqual([EVENT, EVENT]);
    expect(received).toMatchObject([
      {
        path: '/api/v1/stores/acme/events/batch',
        body: '{"events":[{"type":"order.create","data":{"id":1}},{"type":"order.cancel","data":{"total":10.00}}]}',
      },
    ]);
  });

  it('gives each event an idempotency key of its own, unless it is given one', async () => {
    await client().publish('order.create', {});
    await client().publish('order.create', {});
    await client().publish('order.create', {}, { idempotencyKey: 'order-1' });
    const keys = received.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[2]).toBe('order-1');
  });

  it.each([
    ['503', unavailable],
    ['429', problem(429, 'rate_limited')],
    ['the 502 of a proxy', answer(502, 'Bad gateway')],
    ['no answer', cutOff],
  ])('tries again after %s, with the same idempotency key and body', async (_name, failure) => {
    answers = [failure, failure];
    await expect(client().publish('order.create', { id: 1 })).resolves.toEqual(EVENT);
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(waitedMs).toEqual([500, 1_000]);
  });

  it('waits for as long as Retry-After says, within its own bound', async () => {
    answers = [
      problem(503, 'unavailable'),
      (response) => unavailable(response.setHeader('retry-after', '2')),
      (response) => unavailable(response.setHeader('retry-after', '3600')),
    ];
    await client({ retryDelayMsMax: 60_000 }).publish('order.create', {});
    expect(waitedMs).toEqual([500, 2_000, 60_000]);
  });

  it('tries again when an attempt takes too long', async () => {
    answers = [() => undefined];
    await expect(client({ attemptTimeoutMs: 250 }).publish('order.create', {})).resolves.toEqual(EVENT);
    // A slow machine may need one more.
    expect(received.length).toBeGreaterThan(1);
  });

  it('gives up after as many attempts as it is told, with the last reason', async () => {
    answers = [cutOff, cutOff, unavailable];
    const publishing = client({ attemptsMax: 3 }).publish('order.create', {});
    await expect(publishing).rejects.toMatchObject({ code: 'unavailable', status: 503, message: 'It is unavailable.' });
    expect(received).toHaveLength(3);
  });

  it('says that nobody answers', async () => {
    const publishing = client({ baseUrl: 'http://127.0.0.1:1', attemptsMax: 2 }).publish('order.create', {});
    await expect(publishing).rejects.toBeInstanceOf(SignpostClientError);
    await expect(publishing).rejects.toMatchObject({ code: 'unreachable', status: null });
    await expect(publishing).rejects.not.toThrow('whsec_');
  });

  it.each([400, 401, 403, 404, 409, 413, 500])('does not repeat what was refused with %d', async (status) => {
    const errors = [
      { field: 'type', rule: 'required', message: 'type is required.' },
      { field: 'data', rule: 'required', message: 'data is required.' },
    ];
    answers = [problem(status, 'validation_failed', { errors })];
    await expect(client().publish('order.create', {})).rejects.toMatchObject({
      code: 'validation_failed',
      status,
      fields: errors,
      message: 'type is required. data is required.',
    });
    expect(received).toHaveLength(1);
  });

  it('does not follow a redirect, which would take the credentials elsewhere', async () => {
    answers = [answer(307, null, { location: 'https://signpost.example.com/' })];
    await expect(client().publish('order.create', {})).rejects.toMatchObject({
      code: 'unexpected_answer',
      status: 307,
      message: 'The answer was 307, a redirect to https://signpost.example.com/.',
    });
    expect(received).toHaveLength(1);
  });

  it.each([
    'localhost:3000',
    'ftp://127.0.0.1',
    'http://user:password@127.0.0.1',
    '127.0.0.1:3000',
    'http://127.0.0.1/?store=shop',
    'http://127.0.0.1/#shop',
  ])('says at once that %s is no base URL', (baseUrl) => {
    expect(() => client({ baseUrl })).toThrow('base URL');
  });

  it.each(['', 'order 1', 'заказ-1', 'order\n1', 'x'.repeat(256)])(
    'says at once that %j is no idempotency key',
    async (idempotencyKey) => {
      await expect(client().publish('order.create', {}, { idempotencyKey })).rejects.toMatchObject({
        code: 'validation_failed',
        status: null,
        message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
      });
      expect({ received, waitedMs }).toEqual({ received: [], waitedMs: [] });
    },
  );

  it('rejects, and does not throw, where the data cannot be written as JSON', async () => {
    await expect(client().publish('order.create', { id: 1n })).rejects.toThrow('BigInt');
  });

  it('says that a page is no answer of Signpost', async () => {
    answers = [(response) => void response.writeHead(200).end('<html></html>')];
    await expect(client().publish('order.create', {})).rejects.toMatchObject({ code: 'unexpected_answer' });
  });

  it('stops when it is told to, also between two attempts', async () => {
    const stop = new AbortController();
    answers = [unavailable];
    const sleep = () => {
      stop.abort(new Error('enough'));
      return new Promise(() => undefined);
    };
    await expect(client({ sleep }).publish('order.create', {}, { signal: stop.signal })).rejects.toThrow('enough');
    await expect(client().publish('order.create', {}, { signal: stop.signal })).rejects.toThrow('enough');
    expect(received).toHaveLength(1);
  });
});

describe('rawJson', () => {
  it('takes nothing but JSON', () => {
    expect(() => rawJson('{"id":}')).toThrow(SyntaxError);
  });
});
