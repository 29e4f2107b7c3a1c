import { SignpostError } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import type { AccessContext } from './access-context';

/** A request to a route that may name a store. */
export type StoreRequest = FastifyRequest<{ Params: { store?: string } }>;

/** Who was let in, and where. */
export type Admitted = Pick<AccessContext, 'caller' | 'store'>;

export function unauthenticated(): SignpostError {
  return new SignpostError('unauthenticated', 'The credentials are missing or not valid.');
}

export function forbidden(): SignpostError {
  return new SignpostError('forbidden', 'This kind of caller is not allowed to do this.');
}
