import { SignpostError } from '@signpost/domain';
import type { FastifyInstance } from 'fastify';

/**
 * Handles requests that Node.js by default answers itself, with a status and nothing else, so that they are answered like all others. Also
 * refuses more than one Host header, which Node.js lets through: a proxy could go by one of them, and this process by another.
 */
export function takeOddRequests(fastify: FastifyInstance): void {
  const { server } = fastify;
  // A request with an unknown `Expect` header gets the usual answer: refusing it is allowed, but not required (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    const hosts = countHosts(raw.rawHeaders);
    if (hosts === 1 || (hosts === 0 && raw.httpVersionMinor === 0)) return done();
    reply.header('connection', 'close');
    done(new SignpostError('validation_failed', 'HTTP/1.1 demands exactly one Host header (RFC 9112 §3.2).'));
  });
}

/** @param rawHeaders - names and values by turns: `headers` holds only the first Host */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  // A plain loop, which takes a few nanoseconds a header: every request goes through it.
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
