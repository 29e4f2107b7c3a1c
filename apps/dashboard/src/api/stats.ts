import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { type Recent, spanOf } from './time-range';

export type Stats = Schemas['StatsView'];
export type WebhookStats = Stats['webhooks'][number];

const AGAIN_MS = 30_000;

/** How a store's deliveries fared in a span of time. */
export const statsQuery = (store: string, recent: Recent) =>
  queryOptions({
    queryKey: ['stores', store, 'stats', recent],
    queryFn: () => {
      const query = spanOf({ recent }, Date.now());
      return bodyOf(api.GET('/api/v1/stores/{store}/stats', { params: { path: { store }, query } }));
    },
    refetchInterval: AGAIN_MS,
  });
