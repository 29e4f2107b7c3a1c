import { EgressPolicy } from './egress-policy';
import type { HttpSender, HttpSenderOptions } from './http-sender';
import { createSender, requestTo } from './testing/create-sender';
import { RawReceiver, responseText, type Misbehaviour } from './testing/raw-receiver';

const OK = responseText('200 OK', {}, 'ok');
const answerOk: Misbehaviour = (socket) => socket.write(OK);

const open: (HttpSender | RawReceiver)[] = [];

afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

function sender(options: Partial<HttpSenderOptions> = {}): HttpSender {
  const created = createSender(options);
  open.push(created);
  return created;
}

async function receiver(onRequest: Misbehaviour = answerOk): Promise<RawReceiver> {
  const started = await RawReceiver.start(onRequest);
  open.push(started);
  return started;
}

describe('what is sent', () => {
  it('is one POST with the exact body, the given headers and the host of the URL', async () => {
    const target = await receiver();
    const body = '{"amount":10.00,"name":"Zoë"}';
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'evt_1',
      Host: 'evil.test',
      'Content-Length': '1',
    };
    await sender().send({ url: `${target.url()}?a=1&b=%20#part`, headers, body: Buffer.from(body) });

    const [head = '', sent] = (target.requests[0] ?? '').split('\r\n\r\n');
    expect(Buffer.from(sent ?? '', 'latin1').toString()).toBe(body);
    expect(head.split('\r\n').sort()).toEqual(
      [
        'POST /hook?a=1&b=%20 HTTP/1.1',
        `host: 127.0.0.1:${target.port}`,
        'connection: keep-alive',
        'accept-encoding: identity',
        'content-type: application/json',
        'webhook-id: evt_1',
        `content-length: ${Buffer.byteLength(body)}`,
      ].sort(),
    );
  });

  it('is nothing when the URL is refused', async () => {
    const target = await receiver();
    const closed = sender({ policy: new EgressPolicy({ allow: [], httpsOnly: false }) });
    expect(await closed.send(requestTo(target.url()))).toMatchObject({
      kind: 'error',
      code: 'forbidden_address',
      response: null,
      message: expect.stringContaining('127.0.0.0/8'),
    });
    expect(await closed.send(requestTo('ftp://example.com/'))).toMatchObject({ kind: 'error', code: 'invalid_url' });
    expect(target.connectionCount).toBe(0);
  });

  it('is nothing when a header cannot be sent, and that is an outcome, not an exception', async () => {
    const target = await receiver();
    const request = { url: target.url(), headers: { 'x-evil': 'a\r\nx-injected: 1' }, body: Buffer.alloc(0) };
    expect(await sender().send(request)).toMatchObject({
      kind: 'error',
      code: 'unknown_error',
      message: expect.stringContaining('invalid x-evil header'),
    });
    expect(target.requests).toEqual([]);
  });
});

describe('what is given back', () => {
  it.each([301, 302, 303, 307, 308])('a redirect %i is an answer and is not followed', async (status) => {
    const other = await receiver();
    const target = await receiver((socket) => socket.write(responseText(`${status} Moved`, { location: other.url() })));
    const result = await sender().send(requestTo(target.url()));

    expect(result).toMatchObject({
      kind: 'response',
      response: { statusCode: status, headers: { location: other.url() } },
    });
    expect(other.connectionCount).toBe(0);
  });

  it.each(['410 Gone', '429 Too Many Requests', '503 Service Unavailable', '200 OK', '404 Not Found', '599 Odd'])(
    '%s is an answer with its headers and body',
    async (status) => {
      const target = await receiver((socket) => socket.write(responseText(status, { 'Retry-After': '120' }, 'why')));
      expect(await sender().send(requestTo(target.url()))).toMatchObject({
        kind: 'response',
        response: {
          statusCode: Number.parseInt(status, 10),
          headers: { 'retry-after': '120', 'content-length': '3' },
          body: 'why',
          bodyTruncated: false,
        },
      });
    },
  );

  it('times the phases of a new connection, and leaves out those that a reused one skips', async () => {
    const target = await receiver();
    const reusing = sender({ lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
    const first = await reusing.send(requestTo(target.url('receiver.test')));
    const second = await reusing.send(requestTo(target.url('receiver.test')));

    const number = expect.any(Number);
    expect(first.timings).toEqual({
      dnsMs: number,
      connectMs: number,
      tlsMs: null,
      firstByteMs: number,
      totalMs: number,
    });
    expect(second.timings).toMatchObject({ dnsMs: null, connectMs: null, firstByteMs: number });
    expect(Object.values(first.timings).every((value) => value === null || Number.isInteger(value))).toBe(true);
    expect(target.connectionCount).toBe(1);
  });
});

describe('a kept connection', () => {
  it('that the receiver closes while it is idle costs no failure, even if nobody has looked at it since', async () => {
    let closed = Promise.resolve();
    const target = await receiver((socket) => {
      socket.write(OK);
      closed = new Promise((resolve) => socket.end(resolve));
    });
    const reusing = sender();
    for (let i = 1; i <= 20; i++) {
      expect(await reusing.send(requestTo(target.url()))).toMatchObject({ kind: 'response' });
      // The receiver's close is on its way: the next request is sent before the sender's event loop has handled it.
      await closed;
    }
    expect(target.requests).toHaveLength(20);
  });

  it('that the receiver closes after reading the next request is a reset: the request is not sent again', async () => {
    const target = await receiver((socket, _request, index) => (index === 0 ? socket.write(OK) : socket.end()));
    const reusing = sender();
    await reusing.send(requestTo(target.url()));
    expect(await reusing.send(requestTo(target.url()))).toMatchObject({ kind: 'error', code: 'connection_reset' });
    expect(target.requests).toHaveLength(2);
    expect(target.connectionCount).toBe(1);
  });

  it('is not used after an answer that announced to close', async () => {
    const target = await receiver((socket) => socket.write(responseText('200 OK', { connection: 'close' })));
    const reusing = sender();
    await reusing.send(requestTo(target.url()));
    expect(await reusing.send(requestTo(target.url()))).toMatchObject({ kind: 'response' });
    expect(target.connectionCount).toBe(2);
  });

  it('is not used when unasked bytes follow an answer', async () => {
    const target = await receiver((socket, _request, index) => {
      socket.write(OK);
      if (index === 0) socket.write(responseText('200 OK', {}, 'a lie about the next request'));
    });
    const reusing = sender();
    await reusing.send(requestTo(target.url()));
    expect(await reusing.send(requestTo(target.url()))).toMatchObject({ kind: 'response', response: { body: 'ok' } });
    expect(target.connectionCount).toBe(2);
  });

  it('is not used for longer than the limit, so that a change of DNS takes effect', async () => {
    let nowMs = 0;
    const target = await receiver();
    const lookup = jest.fn(() => Promise.resolve([{ address: '127.0.0.1', family: 4 as const }]));
    const reusing = sender({ lookup, connectionAgeMaxMs: 60_000, nowMs: () => nowMs });
    const sendAt = async (time: number): Promise<number> => {
      nowMs = time;
      await reusing.send(requestTo(target.url('receiver.test')));
      return lookup.mock.calls.length;
    };
    expect(await sendAt(1)).toBe(1);
    expect(await sendAt(60_000)).toBe(1);
    expect(await sendAt(60_001)).toBe(2);
    expect(target.connectionCount).toBe(2);
  });

  it('serves one request at a time: requests in flight together have a connection each', async () => {
    const target = await receiver();
    const reusing = sender();
    await Promise.all(Array.from({ length: 10 }, () => reusing.send(requestTo(target.url()))));
    expect(target.connectionCount).toBe(10);
    await Promise.all(Array.from({ length: 10 }, () => reusing.send(requestTo(target.url()))));
    expect(target.connectionCount).toBe(10);
  });

  it('gives way when too many are idle over all origins', async () => {
    const targets = await Promise.all([receiver(), receiver(), receiver()]);
    const reusing = sender({ idleConnectionsMax: 2 });
    for (const target of targets) await reusing.send(requestTo(target.url()));
    await until(() => targets[0]?.openCount === 0);
    expect(targets.map((target) => target.openCount)).toEqual([0, 1, 1]);
  });
});

describe('closing', () => {
  it('waits for what is in flight, closes every connection and takes no more', async () => {
    let answer = (): void => undefined;
    const target = await receiver((socket, _request, index) => {
      answer = () => socket.write(OK);
      if (index === 0) answer();
    });
    const closing = sender();
    await closing.send(requestTo(target.url()));
    const inFlight = closing.send(requestTo(target.url()));
    await until(() => target.requests.length === 2);
    const closed = closing.close();
    expect(await closing.send(requestTo(target.url()))).toMatchObject({ kind: 'error', code: 'unknown_error' });
    answer();
    expect(await inFlight).toMatchObject({ kind: 'response' });
    await closed;
    await until(() => target.openCount === 0);
    expect(target.requests).toHaveLength(2);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
