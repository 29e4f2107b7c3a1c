import { queryOptions } from '@tanstack/react-query';
import type { ApiKey } from './api-keys';
import { api, bodyOf, type Schemas } from './client';

/** What a key is warned of. */
export type KeyWarning = ApiKey['warnings'][number];
export type KeyUsage = Schemas['KeyUsageView'];

export const DAY_MS = 24 * 60 * 60 * 1_000;
export const SHOWN_DAYS = 7;

/** The calls with a key in the last days. */
export const keyUsageQuery = (store: string, id: string) =>
  queryOptions({
    queryKey: ['stores', store, 'api-keys', id, 'usage'],
    queryFn: () => {
      const since = new Date(Date.now() - SHOWN_DAYS * DAY_MS).toISOString();
      const params = { path: { store, id }, query: { since } };
      return bodyOf(api.GET('/api/v1/stores/{store}/api-keys/{id}/usage', { params }));
    },
    staleTime: 60_000,
  });
