import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import { SignpostError } from '@signpost/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteTable } from '../platform/route-table';
import { sendProblem } from './send-problem';

/** Answers every error, wherever it was thrown, with a problem document. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly routes: RouteTable) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const allowed = isNoRoute(thrown) ? this.routes.methodsAt(request.url) : [];
    if (allowed.length === 0) return sendProblem(thrown, request, reply);
    reply.header('allow', allowed.join(', '));
    sendProblem(new SignpostError('method_not_allowed', `Allowed here: ${allowed.join(', ')}.`), request, reply);
  }
}

/** Nest's own answer to an address that no route has; our handlers throw SignpostError. */
function isNoRoute(thrown: unknown): boolean {
  return thrown instanceof HttpException && thrown.getStatus() === 404;
}
