import { api, bodyOf, type Schemas } from './client';
import { spanOf, type TimeRange } from './time-range';

export type AuditEntry = Schemas['AuditEntryView'];
export type AuditAction = Schemas['AuditAction'];

export interface AuditFilters extends TimeRange {
  /** A kind of actor, or the id of one. */
  readonly actor?: string;
  readonly action?: string;
  readonly objectId?: string;
}

/** The key of a store; null: everything that was done, in all stores and outside of any. */
export type AuditScope = string | null;

const STORE_PATH = '/api/v1/stores/{store}/audit-log';
const WHOLE_PATH = '/api/v1/audit-log';
const PAGE_SIZE = 50;

/** A page of what was done, newest first. */
export const auditLogQuery = (store: AuditScope, filters: AuditFilters, cursor: string | null) => ({
  queryKey: [...(store === null ? ['whole-audit-log'] : ['stores', store, 'audit-log']), filters, cursor],
  queryFn: () => {
    const query = { ...queryOf(filters), limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
    return store === null
      ? bodyOf(api.GET(WHOLE_PATH, { params: { query } }))
      : bodyOf(api.GET(STORE_PATH, { params: { path: { store }, query } }));
  },
});

/** The address from which all matching entries are downloaded. */
export function auditExportUrl(store: AuditScope, filters: AuditFilters, format: 'csv' | 'jsonl'): string {
  const query = new URLSearchParams({ format, ...queryOf(filters) });
  const path = store === null ? WHOLE_PATH : STORE_PATH.replace('{store}', encodeURIComponent(store));
  return `${path}/export?${query.toString()}`;
}

function queryOf({ recent, since, until, action, ...filters }: AuditFilters) {
  return {
    ...filters,
    ...(action !== undefined && { action: action as AuditAction }),
    ...spanOf({ recent, since, until }, Date.now()),
  };
}
