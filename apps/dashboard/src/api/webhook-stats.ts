import { queryOptions } from '@tanstack/react-query';
import { request } from './request';

export interface WebhookStats {
  readonly webhooks: readonly {
    readonly id: string;
    readonly successRate: number | null;
    readonly buckets: readonly { readonly at: string; readonly attempts: number; readonly failedAttempts: number }[];
  }[];
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The attempts of the last 24 hours, webhook by webhook; the webhooks' own health has the sums for servers without. */
export const webhookStatsQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'stats', 'last-24-hours'],
    queryFn: () => {
      const since = new Date(Date.now() - DAY_MS).toISOString();
      return request<WebhookStats>('GET', `/stores/${store}/stats?since=${encodeURIComponent(since)}`);
    },
    staleTime: 60_000,
    retry: false,
  });
