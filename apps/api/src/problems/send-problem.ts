import { PROBLEM_CONTENT_TYPE, problemOf, SignpostError } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toSignpostError } from './to-signpost-error';

const BROKEN_OFF = 'The request broke off before its end.';

/** Answers a request with the problem that a thrown error is, and logs what is our fault. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = isBrokenOff(request) ? new SignpostError('validation_failed', BROKEN_OFF) : toSignpostError(thrown);
  const problem = problemOf(error, request.id);
  if (problem.status >= 500) {
    const level = problem.status === 503 ? 'warn' : 'error';
    const cause = { err: error.cause ?? error, internal: error.internal, code: error.code };
    request.log[level]({ reqId: request.id, ...cause }, problem.detail);
  }
  // Where an answer is on its way already, another cannot follow it.
  if (reply.sent) return;
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  if (problem.status === 401) reply.header('www-authenticate', challenge(request));
  reply.code(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
}

/** Whether the caller hung up amidst the body. The error that is thrown then looks like that of a database which hung up. */
function isBrokenOff({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

/** Names Basic only to those who used it: a browser that reads it opens a window that asks for a password. */
function challenge(request: FastifyRequest): string {
  const usedBasic = /^basic/i.test(request.headers.authorization ?? '');
  return usedBasic ? 'Basic realm="signpost", charset="UTF-8"' : 'Bearer realm="signpost"';
}
