import { SignpostError } from '@signpost/domain';
import type { FastifyInstance } from 'fastify';

/** Answers like every other what Node.js answers itself unless it is told not to, with a status and nothing else. */
export function takeOddRequests(fastify: FastifyInstance): void {
  const { server } = fastify;
  // Who expects what nobody here knows gets the usual answer: to refuse them is allowed, not demanded (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    const lacksHost = raw.headers.host === undefined && raw.httpVersionMinor > 0;
    if (!lacksHost) return done();
    reply.header('connection', 'close');
    done(new SignpostError('validation_failed', 'The request has no Host header, which HTTP/1.1 demands.'));
  });
}
