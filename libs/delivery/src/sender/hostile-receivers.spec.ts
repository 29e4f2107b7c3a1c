import type { HttpSender } from './http-sender';
import { createSender, requestTo } from './testing/create-sender';
import { RawReceiver, trickle, writeForEver, type Misbehaviour } from './testing/raw-receiver';

/** Long enough for loopback, short enough for a test that must wait it out. */
const SHORT_TIMEOUT_MS = 800;
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

const open: { sender: HttpSender | null; receiver: RawReceiver | null } = { sender: null, receiver: null };

afterEach(async () => {
  await open.sender?.close();
  await open.receiver?.close();
});

interface Row {
  readonly name: string;
  readonly onRequest: Misbehaviour;
  readonly code: string;
  /** The status that arrived before the failure; absent when none may be reported. */
  readonly statusCode?: number;
  readonly message: RegExp;
  readonly attemptTimeoutMs?: number;
}

const FAILURES: readonly Row[] = [
  {
    name: 'never answers',
    onRequest: () => undefined,
    code: 'headers_timeout',
    message: /did not answer within 800 ms/,
    attemptTimeoutMs: SHORT_TIMEOUT_MS,
  },
  {
    name: 'trickles its headers for ever',
    onRequest: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      trickle(socket, 'x: y\r\n');
    },
    code: 'headers_timeout',
    message: /did not answer within 800 ms/,
    attemptTimeoutMs: SHORT_TIMEOUT_MS,
  },
  {
    name: 'answers 200 and trickles the body for ever',
    onRequest: (socket) => {
      socket.write(CHUNKED);
      trickle(socket, '1\r\nx\r\n');
    },
    code: 'body_timeout',
    statusCode: 200,
    message: /not complete within 800 ms/,
    attemptTimeoutMs: SHORT_TIMEOUT_MS,
  },
  {
    name: 'stops in the middle of the body',
    onRequest: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'),
    code: 'body_timeout',
    statusCode: 200,
    message: /not complete within 800 ms/,
    attemptTimeoutMs: SHORT_TIMEOUT_MS,
  },
  {
    name: 'sends a chunk extension that never ends',
    onRequest: (socket) => {
      socket.write(`${CHUNKED}1;`);
      writeForEver(socket, 'x'.repeat(1000));
    },
    code: 'body_timeout',
    statusCode: 200,
    message: /not complete within 800 ms/,
    attemptTimeoutMs: SHORT_TIMEOUT_MS,
  },
  {
    name: 'sends headers that never end',
    onRequest: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      writeForEver(socket, `x-${'a'.repeat(100)}: b\r\n`);
    },
    code: 'headers_too_large',
    message: /headers of ".*" are too large/,
  },
  {
    name: 'sends one header that never ends',
    onRequest: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      writeForEver(socket, 'a'.repeat(1000));
    },
    code: 'headers_too_large',
    message: /headers of ".*" are too large/,
  },
  {
    name: 'sends trailers that never end',
    onRequest: (socket) => {
      socket.write(`${CHUNKED}0\r\n`);
      writeForEver(socket, `x-${'a'.repeat(100)}: b\r\n`);
    },
    code: 'headers_too_large',
    statusCode: 200,
    message: /headers of ".*" are too large/,
  },
  {
    name: 'floods with interim responses',
    onRequest: (socket) => writeForEver(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'),
    code: 'invalid_response',
    message: /more than 16 interim responses/,
  },
  {
    name: 'closes without an answer',
    onRequest: (socket) => socket.end(),
    code: 'connection_reset',
    message: /closed before the answer was complete/,
  },
  {
    name: 'resets without an answer',
    onRequest: (socket) => socket.resetAndDestroy(),
    code: 'connection_reset',
    message: /closed before the answer was complete/,
  },
  {
    name: 'closes in the middle of the headers',
    onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
    code: 'connection_reset',
    message: /closed before the answer was complete/,
  },
  {
    name: 'closes in the middle of the body',
    onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'),
    code: 'connection_reset',
    statusCode: 200,
    message: /closed before the answer was complete/,
  },
  {
    name: 'announces to close and closes in the middle of the body',
    onRequest: (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nhalf'),
    code: 'connection_reset',
    statusCode: 200,
    message: /closed before the answer was complete/,
  },
  {
    name: 'closes in the middle of a chunk',
    onRequest: (socket) => socket.end(`${CHUNKED}10\r\nhalf`),
    code: 'connection_reset',
    statusCode: 200,
    message: /closed before the answer was complete/,
  },
  {
    name: 'resets in the middle of the body',
    onRequest: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', () => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    },
    code: 'connection_reset',
    statusCode: 200,
    message: /closed before the answer was complete/,
  },
  {
    name: 'sends a chunk length that is no number',
    onRequest: (socket) => socket.write(`${CHUNKED}zz\r\nx\r\n`),
    code: 'invalid_response',
    statusCode: 200,
    message: /is not valid HTTP \(.*chunk size/,
  },
  {
    name: 'sends a chunk longer than it says',
    onRequest: (socket) => socket.write(`${CHUNKED}1\r\nxxxx\r\n0\r\n\r\n`),
    code: 'invalid_response',
    statusCode: 200,
    message: /is not valid HTTP/,
  },
  ...[
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/0.9', '<html>hello</html>'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['zeros', '\0\0\0\0\0\0\0\0'],
    ['a status that is no number', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a status that there is none of', 'HTTP/1.1 099 X\r\ncontent-length: 0\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ].map(([what = '', bytes = '']) => ({
    name: `answers with ${what}`,
    onRequest: ((socket) => socket.write(bytes, 'latin1')) satisfies Misbehaviour,
    code: 'invalid_response',
    message: /is not valid HTTP \(.+\)\.$/,
  })),
];

describe('a receiver that breaks the exchange', () => {
  test.each(FAILURES)('that $name ends as $code', async (row) => {
    const receiver = await RawReceiver.start(row.onRequest);
    open.receiver = receiver;
    open.sender = createSender(row.attemptTimeoutMs === undefined ? {} : { attemptTimeoutMs: row.attemptTimeoutMs });
    const result = await open.sender.send(requestTo(receiver.url()));

    expect(result).toMatchObject({ kind: 'error', code: row.code, message: expect.stringMatching(row.message) });
    expect(result.response?.statusCode).toBe(row.statusCode);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('after a receiver misbehaved', () => {
  it('no connection is left open, whatever happened on it', async () => {
    const receiver = await RawReceiver.start((socket, _request, index) =>
      FAILURES[index]?.onRequest(socket, '', index),
    );
    open.receiver = receiver;
    open.sender = createSender({ attemptTimeoutMs: SHORT_TIMEOUT_MS });
    for (const _failure of FAILURES) {
      expect(await open.sender.send(requestTo(receiver.url()))).toMatchObject({ kind: 'error' });
    }
    await open.sender.close();
    while (receiver.openCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.connectionCount).toBe(FAILURES.length);
  });
});
