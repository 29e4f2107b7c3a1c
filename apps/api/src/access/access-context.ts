import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { StoreId } from '@signpost/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from './caller';
import type { KeyUse } from './key-use';

/** The store that a request is about: the live store that `:store` names. */
export interface RequestStore {
  readonly id: StoreId;
  readonly key: string;
}

/** What the access guard found out about a request. */
export interface AccessContext {
  readonly caller: Caller;
  /** Null on routes without `:store`. */
  readonly store: RequestStore | null;
  /**
   * Authenticates the request once more, from the database: for handlers whose caller was remembered and may have changed since.
   * Throws `unauthenticated` when the credentials no longer hold.
   */
  readonly refreshCaller: () => Promise<Caller>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request is let through to its handler, and on public routes. */
    accessContext: AccessContext | null;
    /** Null until an API key that exists was shown. */
    keyUse: KeyUse | null;
  }
}

/** Gives every request the two properties that are declared above. */
export function decorateRequests(fastify: FastifyInstance): void {
  fastify.decorateRequest('accessContext', null);
  fastify.decorateRequest('keyUse', null);
}

/** @throws Error on a public route, where nobody was authenticated: that is a fault of the handler */
export function accessContext(request: FastifyRequest): AccessContext {
  const context = request.accessContext;
  if (context === null) throw new Error(`Nobody was authenticated for ${request.routeOptions.url ?? request.url}.`);
  return context;
}

function contextOf(execution: ExecutionContext): AccessContext {
  return accessContext(execution.switchToHttp().getRequest<FastifyRequest>());
}

/** Who makes the request: a {@link Caller}. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, execution: ExecutionContext) => contextOf(execution).caller,
);

/** The live store that `:store` names: a {@link RequestStore}. */
export const CurrentStore = createParamDecorator((_: unknown, execution: ExecutionContext): RequestStore => {
  const { store } = contextOf(execution);
  if (store === null) throw new Error('The route has no :store.');
  return store;
});
