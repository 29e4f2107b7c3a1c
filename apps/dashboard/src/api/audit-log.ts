import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { spanOf, type TimeRange } from './time-range';

export type AuditEntry = Schemas['AuditEntryView'];

export interface AuditFilters extends TimeRange {
  /** A kind of actor, or the id of one. */
  readonly actor?: string;
  readonly action?: string;
  readonly objectId?: string;
}

const PATH = '/api/v1/stores/{store}/audit-log';
const PAGE_SIZE = 50;

/** What was done in a store, newest first, page by page. */
export const auditLogQuery = (store: string, filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['stores', store, 'audit-log', filters],
    queryFn: ({ pageParam }) => {
      const query = { ...queryOf(filters), limit: PAGE_SIZE, ...(pageParam !== null && { cursor: pageParam }) };
      return bodyOf(api.GET(PATH, { params: { path: { store }, query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** Where all that matches is downloaded. */
export function auditExportUrl(store: string, filters: AuditFilters, format: 'csv' | 'jsonl'): string {
  const query = new URLSearchParams({ format, ...queryOf(filters) });
  return `${PATH.replace('{store}', encodeURIComponent(store))}/export?${query.toString()}`;
}

function queryOf({ recent, since, until, ...filters }: AuditFilters) {
  return { ...filters, ...spanOf({ recent, since, until }, Date.now()) };
}
