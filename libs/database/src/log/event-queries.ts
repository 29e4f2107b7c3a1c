import { idTimeMs, type ApiKeyId, type EventId, type StoreId } from '@signpost/domain';
import type { SqlRunner } from '../sql/sql-client';
import type { DeliveryStatus } from './delivery-log';
import { followersFrom, readLogPage, type LogSlice, type LogWindow, type PagedLog } from './log-page';

/** An event in the log. */
export interface EventRow {
  readonly id: EventId;
  readonly type: string;
  readonly occurredAt: Date;
  readonly test: boolean;
  /** The key that published it; null: the operator did. */
  readonly apiKeyId: ApiKeyId | null;
  /** Whether its fan-out is not complete: more deliveries may follow. */
  readonly pending: boolean;
}

/** An event with its payload: the producer's text, null once that is past its retention. */
export interface EventWithData extends EventRow {
  readonly data: string | null;
}

/** How many deliveries of an event are in which state; states without any are missing. */
export type DeliveryCounts = Partial<Record<DeliveryStatus, number>>;

export interface EventFilters {
  /** Only these types; null: all. */
  readonly types: readonly string[] | null;
  readonly test: boolean | null;
}

const COLUMNS = `id, type, occurred_at AS "occurredAt", test, api_key_id AS "apiKeyId",
  EXISTS (SELECT FROM outbox WHERE outbox.batch_id = events.batch_id) AS pending`;

const EVENT_LOG: PagedLog<EventFilters> = {
  name: 'event log',
  table: 'events',
  columns: COLUMNS,
  conditions: { types: 'type = ANY (?::text[])', test: 'test = ?' },
  lookUps: [],
};

/** Reads events back. Each call is bound to one store. */
export class EventQueries {
  constructor(private readonly sql: SqlRunner) {}

  list(storeId: StoreId, window: LogWindow, filters: EventFilters): Promise<LogSlice<EventRow>> {
    return readLogPage<EventFilters, EventRow>(this.sql, EVENT_LOG, storeId, window, filters);
  }

  async find(storeId: StoreId, id: EventId): Promise<EventWithData | null> {
    const [event] = await this.sql.run<EventWithData>(FIND, [id, storeId]);
    return event ?? null;
  }

  /**
   * Counts the deliveries of each event that has any. To be called after the events were read: an event that was not pending then has all
   * of its deliveries now.
   */
  async countDeliveries(storeId: StoreId, ids: readonly EventId[]): Promise<Map<EventId, DeliveryCounts>> {
    if (ids.length === 0) return new Map();
    const oldestMs = Math.min(...ids.map(idTimeMs));
    const rows = await this.sql.run<{ eventId: EventId; status: DeliveryStatus; count: number }>(COUNT_DELIVERIES, [
      ids,
      followersFrom(oldestMs),
      storeId,
    ]);
    const counts = new Map<EventId, DeliveryCounts>();
    for (const { eventId, status, count } of rows) counts.set(eventId, { ...counts.get(eventId), [status]: count });
    return counts;
  }
}

const FIND = {
  name: 'event',
  text: `SELECT ${COLUMNS}, data FROM events WHERE id = $1 AND store_id = $2`,
};

const COUNT_DELIVERIES = {
  name: 'event deliveries',
  text: `SELECT event_id AS "eventId", status, count(*)::int AS count FROM deliveries
         WHERE event_id = ANY ($1::uuid[]) AND id >= $2 AND store_id = $3 GROUP BY event_id, status`,
};
