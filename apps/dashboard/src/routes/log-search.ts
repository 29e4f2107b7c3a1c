import type { DeliveryFilters, DeliveryStatus } from '../api/deliveries';
import type { AuditFilters } from '../api/audit-log';
import type { EventFilters } from '../api/events';
import { RECENT, readTimeRange, type Recent } from '../api/time-range';

/** The query of an address. The router also passes on what a page's reader leaves out, so that each page reads once more what it gets. */
type Search = Readonly<Partial<Record<string, unknown>>>;

export const DELIVERY_STATUSES: readonly DeliveryStatus[] = [
  'queued',
  'retrying',
  'delivered',
  'failed',
  'canceled',
  'held',
];

/** What the address of the deliveries keeps. */
export interface DeliverySearch extends DeliveryFilters {
  /** Whether the live tail is on. */
  readonly live?: boolean;
}

/** Reads the filters out of an address; what makes no sense is left out. */
export function readDeliverySearch(search: Search): DeliverySearch {
  const status = DELIVERY_STATUSES.find((known) => known === search['status']);
  const statusCode = Number(search['statusCode'] ?? NaN);
  return {
    ...texts(search, ['webhookId', 'eventId', 'eventType', 'errorCode']),
    ...(status !== undefined && { status }),
    ...(Number.isInteger(statusCode) && statusCode >= 100 && statusCode <= 599 && { statusCode }),
    ...readTimeRange(search),
    ...(search['live'] === true && { live: true }),
  };
}

export function readEventSearch(search: Search): EventFilters {
  const { test } = search;
  return { ...texts(search, ['type']), ...(typeof test === 'boolean' && { test }), ...readTimeRange(search) };
}

export function readAuditSearch(search: Search): AuditFilters {
  return { ...texts(search, ['actor', 'action', 'objectId']), ...readTimeRange(search) };
}

/** @returns the span of time of the overview; a day when the address names none */
export function readOverviewSearch(search: Search): { recent?: Recent } {
  const recent = RECENT.find(({ value }) => value === search['recent'])?.value;
  return recent === undefined ? {} : { recent };
}

function texts<Name extends string>(search: Search, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
  }
  return found;
}
