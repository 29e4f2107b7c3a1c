import type { Socket } from 'node:net';
import { type ErrorCode, mintId, PROBLEM_CONTENT_TYPE, problemOf, SignpostError } from '@signpost/domain';

/** What Node.js found before there was a request, by the code of its error. */
const REFUSALS: ReadonlyMap<string, readonly [ErrorCode, string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', ['request_timeout', 'The request did not come to its end in time.']],
  ['HPE_HEADER_OVERFLOW', ['headers_too_large', 'The headers are larger than this server reads.']],
]);
const UNREADABLE = ['validation_failed', 'This is no HTTP request that can be read.'] as const;

/**
 * Answers what is no request, or never became a whole one, with a problem like every other, and ends the connection.
 *
 * @param headers - of every answer
 */
export function refuseConnection(headers: Readonly<Record<string, string>>) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable) socket.write(answerTo(error.code ?? '', headers));
    socket.destroySoon();
  };
}

function answerTo(nodeCode: string, headers: Readonly<Record<string, string>>): string {
  const [code, message] = REFUSALS.get(nodeCode) ?? UNREADABLE;
  const problem = problemOf(new SignpostError(code, message), mintId('request', Date.now()));
  const body = JSON.stringify(problem);
  const all = {
    ...headers,
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${problem.title}`, ...lines, '', body].join('\r\n');
}
