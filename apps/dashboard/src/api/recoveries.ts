import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';

export type Recovery = Schemas['RecoveryView'];

const PROGRESS_MS = 1_000;

/** Has all that failed since a time sent again. @param since - ISO 8601 */
export function recoverWebhook(store: string, id: string, since: string): Promise<Recovery> {
  const path = { store, id };
  return bodyOf(api.POST('/api/v1/stores/{store}/webhooks/{id}/recover', { params: { path }, body: { since } }));
}

/** How far a recovery has got; asks again until it is done. */
export const recoveryQuery = (store: string, id: string) =>
  queryOptions({
    queryKey: ['stores', store, 'recoveries', id],
    queryFn: () => bodyOf(api.GET('/api/v1/stores/{store}/recoveries/{id}', { params: { path: { store, id } } })),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'running' ? PROGRESS_MS : false),
  });
