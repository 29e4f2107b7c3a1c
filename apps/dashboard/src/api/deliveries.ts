import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import type { paths } from './schema';
import { spanOf, type TimeRange } from './time-range';

export type Delivery = Schemas['DeliveryView'];
export type DeliveryDetail = Schemas['DeliveryDetailView'];
export type Attempt = Schemas['AttemptView'];
export type DeliveryStatus = Schemas['DeliveryStatus'];
type ResendableStatus = Schemas['RecoveryFilterView']['statuses'][number];

/** Which deliveries are wanted; what is left out does not matter. */
export interface DeliveryFilters extends TimeRange {
  readonly webhookId?: string;
  readonly eventId?: string;
  readonly status?: DeliveryStatus;
  readonly eventType?: string;
  /** Of the last attempt, as is the error code. */
  readonly statusCode?: number;
  readonly errorCode?: string;
}

type ApiFilters = NonNullable<paths['/api/v1/stores/{store}/deliveries/count']['get']['parameters']['query']>;

const PATH = '/api/v1/stores/{store}/deliveries';
const PAGE_SIZE = 50;
const WAITING_MS = 2_000;

/** What is retried when no status is asked for: what has not arrived, and is not on its way at the moment. */
const NOT_ARRIVED: readonly ResendableStatus[] = ['failed', 'canceled', 'retrying'];

/** All pages of what matches. */
export const deliveriesKey = (store: string, filters: DeliveryFilters) => ['stores', store, 'deliveries', filters];

/** A page of the log of deliveries, newest first. */
export const deliveriesQuery = (store: string, filters: DeliveryFilters, cursor: string | null) => ({
  queryKey: [...deliveriesKey(store, filters), cursor],
  queryFn: () => {
    const query = { ...apiFilters(filters), limit: PAGE_SIZE, ...(cursor !== null && { cursor }) };
    return bodyOf(api.GET(PATH, { params: { path: { store }, query } }));
  },
});

/** One delivery with its attempts; is asked for again while more will happen to it. */
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

/** Makes one more attempt now, beside the schedule. */
export async function retryDelivery(store: string, id: string): Promise<void> {
  await api.POST(`${PATH}/{id}/retry`, { params: { path: { store, id } } });
}

/** Has all that match sent again, as a job of the server's. */
export function retryMatching(store: string, filters: DeliveryFilters): Promise<Schemas['RecoveryView']> {
  const { status: _one, ...filter } = apiFilters(filters);
  return bodyOf(
    api.POST(`${PATH}/retry`, {
      params: { path: { store } },
      body: { filter: { ...filter, statuses: [...statusesToRetry(filters)] } },
    }),
  );
}

/** Where the live tail of what matches is heard. */
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

/** The API knows which types and codes there are, and refuses others. */
function apiFilters({ recent, since, until, ...filters }: DeliveryFilters): ApiFilters {
  return { ...filters, ...spanOf({ recent, since, until }, Date.now()) } as ApiFilters;
}
