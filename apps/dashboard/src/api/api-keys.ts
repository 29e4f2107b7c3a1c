import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { everyPage } from './every-page';

export type ApiKey = Schemas['ApiKeyView'];
export type Permission = ApiKey['permissions'][number];

const PATH = '/api/v1/stores/{store}/api-keys';

/** All API keys of a store, masked. */
export function readApiKeys(store: string): Promise<ApiKey[]> {
  return everyPage((cursor) => bodyOf(api.GET(PATH, { params: { path: { store }, query: { limit: 250, cursor } } })));
}

export const apiKeysQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'api-keys'],
    queryFn: () => readApiKeys(store),
  });

export function readApiKey(store: string, id: string): Promise<ApiKey> {
  return bodyOf(api.GET(`${PATH}/{id}`, { params: { path: { store, id } } }));
}

/** @returns the new key, with `key` and `secret` in clear */
export function createApiKey(store: string, body: Schemas['CreateApiKeyBody']): Promise<Schemas['CreatedApiKeyView']> {
  return bodyOf(api.POST(PATH, { params: { path: { store } }, body }));
}

export function updateApiKey(store: string, id: string, body: Schemas['UpdateApiKeyBody']): Promise<ApiKey> {
  return bodyOf(api.PATCH(`${PATH}/{id}`, { params: { path: { store, id } }, body }));
}

/** Key and secret in clear; the audit log records who saw them. */
export function revealApiKey(store: string, id: string): Promise<Schemas['RevealedApiKeyView']> {
  return bodyOf(api.POST(`${PATH}/{id}/reveal`, { params: { path: { store, id } } }));
}

/** @param overlapSeconds - how long the secret before still signs and authenticates */
export function rotateSecret(store: string, id: string, overlapSeconds: number): Promise<Schemas['RotatedApiKeyView']> {
  return bodyOf(api.POST(`${PATH}/{id}/rotate-secret`, { params: { path: { store, id } }, body: { overlapSeconds } }));
}

/** @param force - whether to delete the key even when it signs webhooks, whose deliveries are then held */
export async function deleteApiKey(store: string, id: string, force: boolean): Promise<void> {
  const query = force ? { force: 'true' as const } : {};
  await api.DELETE(`${PATH}/{id}`, { params: { path: { store, id }, query } });
}
