import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { PROBLEM_CONTENT_TYPE, problemOf, SignpostError } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** Fastify answers HEAD wherever there is GET. */
const METHODS = 'GET, HEAD';

/** Answers every error of the worker's HTTP with a problem document, as the API does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Answers a request with a problem document for what was thrown, and logs it when it is a fault of ours. */
  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = errorOf(thrown, request);
    if (error.code === 'internal_error') this.logger.error({ reqId: request.id, err: thrown }, error.publicMessage);
    if (reply.sent) return;
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
    if (error.code === 'method_not_allowed') reply.header('allow', METHODS);
    const problem = problemOf(error, request.id);
    reply.code(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
  }
}

function errorOf(thrown: unknown, request: FastifyRequest): SignpostError {
  if (thrown instanceof SignpostError) return thrown;
  const status = statusOf(thrown);
  if (status === 404) return isRoute(request) ? notAllowed() : notFound();
  if (status < 500) return new SignpostError('validation_failed', 'The request cannot be read.', { cause: thrown });
  return new SignpostError('internal_error', 'An unexpected error happened.', { cause: thrown });
}

/** The status that an error of Nest or Fastify asks for; 500 for all others. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('FST_')) return 500;
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** Whether another method would have been answered here. */
function isRoute({ server, url }: FastifyRequest): boolean {
  const [path = ''] = url.split('?');
  return server.hasRoute({ method: 'GET', url: path });
}

function notFound(): SignpostError {
  return new SignpostError('not_found', 'There is nothing at this address.');
}

function notAllowed(): SignpostError {
  return new SignpostError('method_not_allowed', `Allowed here: ${METHODS}.`);
}
