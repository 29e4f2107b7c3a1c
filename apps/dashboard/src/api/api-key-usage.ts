import { queryOptions } from '@tanstack/react-query';
import type { ApiKey } from './api-keys';
import { request } from './request';

/** What is worth a look at a key. */
export type KeyWarning = 'unused' | 'old' | 'too_many_permissions';

/** What a server that counts uses tells of a key beside its settings. */
export interface CountedApiKey extends ApiKey {
  readonly lastUsedAt?: string | null;
  readonly warnings?: readonly KeyWarning[];
}

export interface KeyUsage {
  readonly lastUsedAt: string | null;
  readonly buckets: readonly {
    readonly at: string;
    readonly operation: string;
    readonly allowed: number;
    readonly refused: number;
  }[];
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const SHOWN_DAYS = 7;

/** The calls with a key in the last days. */
export const keyUsageQuery = (store: string, id: string) =>
  queryOptions({
    queryKey: ['stores', store, 'api-keys', id, 'usage'],
    queryFn: () => {
      const since = new Date(Date.now() - SHOWN_DAYS * DAY_MS).toISOString();
      return request<KeyUsage>('GET', `/stores/${store}/api-keys/${id}/usage?since=${encodeURIComponent(since)}`);
    },
    staleTime: 60_000,
  });
