import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { isOnItsWay } from './deliveries';
import { problemFrom, unreachable } from './problem-error';
import type { EventTypeName } from './webhooks';
import { spanOf, type TimeRange } from './time-range';

export type PublishedEvent = Schemas['EventView'];

/** An event with what became of it. */
export interface EventDetail extends Omit<Schemas['EventDetailView'], 'data'> {
  /** The payload as its producer wrote it: JSON text; null once it is past its retention. */
  readonly data: string | null;
}

export interface EventFilters extends TimeRange {
  readonly type?: string;
  /** Only tests, or none. */
  readonly test?: boolean;
}

const PATH = '/api/v1/stores/{store}/events';
const PAGE_SIZE = 50;
const AGAIN_MS = 1_500;

/** A page of the events of a store, newest first. */
export const eventsQuery = (store: string, filters: EventFilters, cursor: string | null) => ({
  queryKey: ['stores', store, 'events', filters, cursor],
  queryFn: () => {
    const { type, test, ...range } = filters;
    const query = {
      ...spanOf(range, Date.now()),
      ...(type !== undefined && { type: type as EventTypeName }),
      ...(test !== undefined && { test: test ? ('true' as const) : ('false' as const) }),
      ...(cursor !== null && { cursor }),
      limit: PAGE_SIZE,
    };
    return bodyOf(api.GET(PATH, { params: { path: { store }, query } }));
  },
});

/** One event with its deliveries. It is fetched again as long as more will happen to them. */
export const eventQuery = (store: string, id: string) =>
  queryOptions({
    queryKey: ['stores', store, 'event', id],
    queryFn: () => readEvent(store, id),
    refetchInterval: ({ state }) => (state.data !== undefined && goesOn(state.data) ? AGAIN_MS : false),
  });

function goesOn({ fanOut, deliveries }: EventDetail): boolean {
  return fanOut === 'pending' || deliveries.some(({ status }) => isOnItsWay(status));
}

async function readEvent(store: string, id: string): Promise<EventDetail> {
  const path = PATH.replace('{store}', encodeURIComponent(store));
  const response = await fetch(`${path}/${encodeURIComponent(id)}`, {
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await problemFrom(response);
  return parseEventDetail(await response.text());
}

/** Reads an event, and leaves its payload as the text that it is: parsing a number and writing it again may change it. */
export function parseEventDetail(text: string): EventDetail {
  const { data, ...event } = JSON.parse(text) as Schemas['EventDetailView'];
  if (data === null) return { ...event, data };
  // The payload is the last member. The other members come before it, as JSON.stringify writes them.
  const before = `${JSON.stringify(event).slice(0, -1)},"data":`;
  return { ...event, data: text.startsWith(before) ? text.slice(before.length, -1) : JSON.stringify(data) };
}
