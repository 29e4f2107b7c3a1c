import type { ApiKeyId, Permission } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';

/** What a request, also one that is refused, uses an API key for. */
export interface KeyUse {
  readonly apiKeyId: ApiKeyId;
  readonly exercised: Set<Permission>;
}

/**
 * Remembers until the request is answered which key it showed. A request that is authenticated a second time goes on with what it
 * exercised.
 *
 * @param apiKeyId - null: no key that exists
 * @returns the permissions that the request exercises, to be filled by its handler
 */
export function noteKeyUse(request: FastifyRequest, apiKeyId: ApiKeyId | null): Set<Permission> {
  if (request.keyUse !== null) return request.keyUse.exercised;
  const exercised = new Set<Permission>();
  if (apiKeyId !== null) request.keyUse = { apiKeyId, exercised };
  return exercised;
}
