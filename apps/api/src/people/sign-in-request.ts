import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { SignInRequest } from '@signpost/people';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What the sign-in library needs to know of the request: a {@link SignInRequest}. */
export const FromBrowser = createParamDecorator((_: unknown, execution: ExecutionContext): SignInRequest => {
  return signInRequest(execution.switchToHttp().getRequest<FastifyRequest>());
});

export function signInRequest({ headers, ip }: FastifyRequest): SignInRequest {
  return { cookie: headers.cookie, userAgent: headers['user-agent'], address: ip };
}

/** Sets cookies on an answer. Such an answer may not be cached. */
export function answerCookies(reply: FastifyReply, cookies: readonly string[]): void {
  void reply.header('set-cookie', [...cookies]).header('cache-control', 'no-store');
}
