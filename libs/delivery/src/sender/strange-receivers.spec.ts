import { gzipSync } from 'node:zlib';
import type { SendResult } from '@signpost/domain';
import type { HttpSender, HttpSenderOptions } from './http-sender';
import { createSender, requestTo } from './testing/create-sender';
import { RawReceiver, responseText, writeForEver } from './testing/raw-receiver';

const open: { sender: HttpSender | null; receiver: RawReceiver | null } = { sender: null, receiver: null };

afterEach(async () => {
  await open.sender?.close();
  await open.receiver?.close();
});

async function sendTo(receiver: RawReceiver, options: Partial<HttpSenderOptions> = {}): Promise<SendResult> {
  open.receiver = receiver;
  open.sender = createSender(options);
  return open.sender.send(requestTo(receiver.url()));
}

describe('a receiver that answers strangely', () => {
  it('is cut off when its body does not end, and its status decides', async () => {
    const receiver = await RawReceiver.start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n');
      writeForEver(socket, 'x'.repeat(1000));
    });
    const result = await sendTo(receiver);

    expect(result).toMatchObject({ kind: 'response', response: { statusCode: 200, bodyTruncated: true } });
    expect(result.response?.body).toBe('x'.repeat(16_384));
  });

  it('is heard out when its body is slow but ends in time', async () => {
    const receiver = await RawReceiver.start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n');
      let left = 4;
      const timer = setInterval(() => {
        socket.write('x');
        if (--left === 0) clearInterval(timer);
      }, 20);
    });
    const result = await sendTo(receiver);
    expect(result).toMatchObject({
      kind: 'response',
      response: { statusCode: 200, body: 'xxxx', bodyTruncated: false },
    });
  });

  it('cannot make a small compressed body grow: it is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const receiver = await RawReceiver.start((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    const result = await sendTo(receiver);

    expect(receiver.requests[0]).toContain('accept-encoding: identity\r\n');
    expect(result).toMatchObject({
      kind: 'response',
      response: { statusCode: 200, body: `(${bomb.length} bytes of gzip-encoded body)`, bodyTruncated: true },
    });
  });

  it('may send interim responses before the real one', async () => {
    const receiver = await RawReceiver.start((socket) => {
      socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      socket.write(responseText('204 No Content', { 'x-real': '1' }));
    });
    const result = await sendTo(receiver);
    expect(result).toMatchObject({ kind: 'response', response: { statusCode: 204, headers: { 'x-real': '1' } } });
    expect(result.response?.headers).not.toHaveProperty('link');
  });

  it.each(['', 'hello'])('may announce a body where its status has none, and send %j', async (body) => {
    const answer = `HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n${body}`;
    const receiver = await RawReceiver.start((socket) => socket.write(answer));
    const result = await sendTo(receiver);
    expect(result).toMatchObject({ kind: 'response', response: { statusCode: 204, body: '', bodyTruncated: false } });
    // Bytes that may still follow on that connection belong to no request, so the connection must not be used again.
    await open.sender?.send(requestTo(receiver.url()));
    expect(receiver.connectionCount).toBe(2);
  });

  it('is believed when it answers before it has read the request and closes', async () => {
    const receiver = await RawReceiver.startOnConnection((socket) => {
      socket.end('HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      socket.resume();
    });
    const result = await sendTo(receiver);
    expect(result).toMatchObject({ kind: 'response', response: { statusCode: 503 } });
  });

  it('may close at once, which is a reset', async () => {
    const result = await sendTo(await RawReceiver.startOnConnection((socket) => socket.destroy()));
    expect(result).toMatchObject({ kind: 'error', code: 'connection_reset', response: null });
  });

  it('may reset at once, which is a reset', async () => {
    const result = await sendTo(await RawReceiver.startOnConnection((socket) => socket.resetAndDestroy()));
    expect(result).toMatchObject({ kind: 'error', code: 'connection_reset', response: null });
  });

  it('may never read a large request: the attempt still ends in time', async () => {
    const receiver = await RawReceiver.startOnConnection((socket) => socket.pause());
    open.receiver = receiver;
    open.sender = createSender({ attemptTimeoutMs: 1_000 });
    const result = await open.sender.send(requestTo(receiver.url(), 'x'.repeat(20_000_000)));
    expect(result).toMatchObject({ kind: 'error', code: 'headers_timeout' });
  });

  it('cannot smuggle names into the headers object', async () => {
    const receiver = await RawReceiver.start((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\nX-A: 1\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n',
      );
    });
    const { response } = await sendTo(receiver);
    expect(Object.entries(response?.headers ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['x-a', ['1', '2']],
      ['content-length', '0'],
    ]);
  });
});
