import { SignpostError } from '@signpost/domain';
import type { FastifyInstance } from 'fastify';

/** Handles requests that Node.js by default answers itself, with a status and nothing else, so that they are answered like all others. */
export function takeOddRequests(fastify: FastifyInstance): void {
  const { server } = fastify;
  // A request with an unknown `Expect` header gets the usual answer: refusing it is allowed, but not required (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    const lacksHost = raw.headers.host === undefined && raw.httpVersionMinor > 0;
    if (!lacksHost) return done();
    reply.header('connection', 'close');
    done(new SignpostError('validation_failed', 'The request has no Host header, which HTTP/1.1 demands.'));
  });
}
