import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from './client';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The attempts of the last 24 hours, webhook by webhook. */
export const webhookStatsQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'stats', 'last-24-hours'],
    queryFn: () => {
      const since = new Date(Date.now() - DAY_MS).toISOString();
      return bodyOf(api.GET('/api/v1/stores/{store}/stats', { params: { path: { store }, query: { since } } }));
    },
    staleTime: 60_000,
  });
