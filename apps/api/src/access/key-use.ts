import type { ApiKeyId, Permission } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import type { KeyAuthentication } from './key-authenticator';

/** What a request, also one that is refused, uses an API key for. */
export interface KeyUse {
  readonly apiKeyId: ApiKeyId;
  readonly exercised: Set<Permission>;
}

const uses = new WeakMap<FastifyRequest, KeyUse>();

/**
 * Remembers until the request is answered which key it showed. A request that is authenticated a second time goes on with what it
 * exercised.
 *
 * @returns the permissions that the request exercises, to be filled by its handler
 */
export function noteKeyUse(request: FastifyRequest, outcome: KeyAuthentication): Set<Permission> {
  const known = uses.get(request);
  if (known !== undefined) return known.exercised;
  const exercised = new Set<Permission>();
  const apiKeyId = outcome.kind === 'refused' ? outcome.apiKeyId : outcome.caller.apiKeyId;
  if (apiKeyId !== null) uses.set(request, { apiKeyId, exercised });
  return exercised;
}

/** @returns null when the request showed no key that exists */
export function keyUseOf(request: FastifyRequest): KeyUse | null {
  return uses.get(request) ?? null;
}
