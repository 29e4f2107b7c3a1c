import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import type { paths } from './schema';
import { spanOf, type TimeRange } from './time-range';

export type Delivery = Schemas['DeliveryView'];
export type DeliveryDetail = Schemas['DeliveryDetailView'];
export type Attempt = Schemas['AttemptView'];
export type DeliveryStatus = Schemas['DeliveryStatus'];
type ResendableStatus = Schemas['RecoveryFilterView']['statuses'][number];

/** Which deliveries are wanted; a filter that is left out lets all pass. */
export interface DeliveryFilters extends TimeRange {
  readonly webhookId?: string;
  readonly eventId?: string;
  readonly status?: DeliveryStatus;
  readonly eventType?: string;
  /** The status code of the last attempt; the error code is also that of the last attempt. */
  readonly statusCode?: number;
  readonly errorCode?: string;
}

type ApiFilters = NonNullable<paths['/api/v1/stores/{store}/deliveries/count']['get']['parameters']['query']>;

const PATH = '/api/v1/stores/{store}/deliveries';
const PAGE_SIZE = 50;
const WAITING_MS = 2_000;

/** The statuses that are retried when none is asked for: of deliveries that have not arrived and are not on their way. */
const NOT_ARRIVED: readonly ResendableStatus[] = ['failed', 'canceled', 'retrying'];

/** The key of all pages of matching deliveries. */
export const deliveriesKey = (store: string, filters: DeliveryFilters) => ['stores', store, 'deliveries', filters];

/** A page of the log of deliveries, newest first. */
export const deliveriesQuery = (store: string, filters: DeliveryFilters, cursor: string | null) => ({
  queryKey: [...deliveriesKey(store, filters), cursor],
  queryFn: () => {
    const query = { ...apiFilters(filters), limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
    return bodyOf(api.GET(PATH, { params: { path: { store }, query } }));
  },
});

/** One delivery with its attempts. It is fetched again as long as more will happen to it. */
export const deliveryQuery = (store: string, id: string) =>
  queryOptions({
    queryKey: ['stores', store, 'delivery', id],
    queryFn: () => bodyOf(api.GET(`${PATH}/{id}`, { params: { path: { store, id } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && isOnItsWay(state.data.status) ? WAITING_MS : false),
  });

/** How many deliveries a retry of all that match would send again. */
export const retriableCountQuery = (store: string, filters: DeliveryFilters) =>
  queryOptions({
    queryKey: ['stores', store, 'retriable-count', filters],
    queryFn: async () => {
      const counts = await Promise.all(
        statusesToRetry(filters).map((status) => {
          const query = apiFilters({ ...filters, status });
          return bodyOf(api.GET(`${PATH}/count`, { params: { path: { store }, query } }));
        }),
      );
      return { count: counts.reduce((sum, { count }) => sum + count, 0), exact: counts.every(({ exact }) => exact) };
    },
    staleTime: 0,
  });

/** Makes one more attempt now, in addition to the schedule. */
export async function retryDelivery(store: string, id: string): Promise<void> {
  await api.POST(`${PATH}/{id}/retry`, { params: { path: { store, id } } });
}

/** Has all matching deliveries sent again, as a job of the server. */
export function retryMatching(store: string, filters: DeliveryFilters): Promise<Schemas['RecoveryView']> {
  const { status: _one, ...filter } = apiFilters(filters);
  return bodyOf(
    api.POST(`${PATH}/retry`, {
      params: { path: { store } },
      body: { filter: { ...filter, statuses: [...statusesToRetry(filters)] } },
    }),
  );
}

/** The address of the live tail of matching deliveries. */
export function deliveriesStreamUrl(store: string, filters: DeliveryFilters): string {
  const query = new URLSearchParams(
    Object.entries(apiFilters(filters)).map(([name, value]) => [name, String(value)] as [string, string]),
  );
  return `${PATH.replace('{store}', encodeURIComponent(store))}/stream?${query.toString()}`;
}

/** Whether more will happen to a delivery of this status by itself. */
export function isOnItsWay(status: DeliveryStatus): boolean {
  return status === 'queued' || status === 'retrying';
}

/** Whether deliveries of this status can be sent again by hand; the others are on their way by themselves. */
export function mayBeRetried(status: DeliveryStatus | undefined): boolean {
  return status === undefined || status === 'delivered' || NOT_ARRIVED.some((one) => one === status);
}

function statusesToRetry({ status }: DeliveryFilters): readonly ResendableStatus[] {
  return status === undefined || status === 'queued' || status === 'held' ? NOT_ARRIVED : [status];
}

/** Turns filters into the query of the API. Types and codes are not checked here: the API refuses those that it does not know. */
function apiFilters({ recent, since, until, ...filters }: DeliveryFilters): ApiFilters {
  return { ...filters, ...spanOf({ recent, since, until }, Date.now()) } as ApiFilters;
}
