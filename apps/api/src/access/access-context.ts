import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { StoreId } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller';

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
   * Authenticates the request once more, from the database: for handlers with `cachedCaller` that find the caller stale.
   * Throws `unauthenticated` when the credentials no longer hold.
   */
  readonly refreshCaller: () => Promise<Caller>;
}

const contexts = new WeakMap<FastifyRequest, AccessContext>();

/** Remembers for the rest of the request what the guard found out. */
export function setAccessContext(request: FastifyRequest, context: AccessContext): void {
  contexts.set(request, context);
}

/** Whether the guard has let the request through to its handler. */
export function wasAdmitted(request: FastifyRequest): boolean {
  return contexts.has(request);
}

/** @throws Error on a public route, where nobody was authenticated: that is a fault of the handler */
export function accessContext(request: FastifyRequest): AccessContext {
  const context = contexts.get(request);
  if (context === undefined)
    throw new Error(`Nobody was authenticated for ${request.routeOptions.url ?? request.url}.`);
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
