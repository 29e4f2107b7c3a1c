import type { ApiKeyId, Permission } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';

/** Which API key a request uses, and what for; also kept of a request that is refused. */
export interface KeyUse {
  readonly apiKeyId: ApiKeyId;
  readonly exercised: Set<Permission>;
}

/**
 * Notes on a request which key it showed, until it is answered. When a request is authenticated a second time, the permissions that it has
 * exercised so far are kept.
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
