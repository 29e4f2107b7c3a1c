import { decodeId, encodeId, type EventId, mintId, type StoreId, type WebhookId } from '@signpost/domain';
import type { TestApi } from './test-api';

/** Where rows are inserted: a store and, for deliveries, one of its webhooks. */
export interface LogPlace {
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
}

/** The columns of a delivery that differ from those of a delivery that succeeded at its first attempt. */
export type DeliveryColumns = Partial<
  Record<
    | 'event_type'
    | 'status'
    | 'waiting'
    | 'due_at'
    | 'trigger'
    | 'resume_at'
    | 'attempts_made'
    | 'last_status_code'
    | 'last_error_code'
    | 'lease_id'
    | 'last_attempt_at'
    | 'webhook_id',
    unknown
  >
>;

/** Puts rows into the log as workers leave them, for tests that are about reading. */
export class LogRows {
  constructor(
    private readonly api: TestApi,
    private readonly place: LogPlace,
  ) {}

  /** @param atMs when it was accepted. @returns the id on the wire */
  async event(columns: { type?: string; data?: string | null; test?: boolean; atMs?: number } = {}): Promise<string> {
    const { type = 'order.create', data = '{}', test = false, atMs = Date.now() } = columns;
    const id = mintId('event', atMs);
    await this.api.sql(
      `INSERT INTO events (id, store_id, type, occurred_at, data, test) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, this.place.storeId, type, new Date(atMs), data, test],
    );
    return encodeId('event', id);
  }

  /** @returns the id on the wire */
  async delivery(eventId: string, columns: DeliveryColumns = {}, atMs = Date.now()): Promise<string> {
    const id = mintId('delivery', atMs);
    const row: Record<string, unknown> = {
      id,
      store_id: this.place.storeId,
      event_id: decodeId('event', eventId) satisfies EventId | null,
      webhook_id: this.place.webhookId,
      event_type: 'order.create',
      status: 'delivered',
      waiting: false,
      attempts_made: 1,
      ...columns,
    };
    const names = Object.keys(row);
    const places = names.map((_, index) => `$${index + 1}`);
    await this.api.sql(
      `INSERT INTO deliveries (${names.join(', ')}) VALUES (${places.join(', ')})`,
      Object.values(row),
    );
    return encodeId('delivery', id);
  }

  /** Inserts one event and its failed delivery per millisecond, starting at `fromMs`. @returns the ids of the events on the wire */
  async failures(count: number, fromMs: number): Promise<string[]> {
    const eventIds = Array.from({ length: count }, (_, index) => mintId('event', fromMs + index));
    const deliveryIds = eventIds.map((_, index) => mintId('delivery', fromMs + index));
    const { storeId, webhookId } = this.place;
    await this.api.sql(
      `INSERT INTO events (id, store_id, type, occurred_at, data)
       SELECT id, $2, 'order.create', to_timestamp($3::float8 / 1000), '{}' FROM unnest($1::uuid[]) AS e(id)`,
      [eventIds, storeId, fromMs],
    );
    await this.api.sql(
      `INSERT INTO deliveries (id, store_id, webhook_id, event_id, event_type, status, waiting, attempts_made, last_error_code)
       SELECT id, $3, $4, event_id, 'order.create', 'failed', false, 2, 'http_error' FROM unnest($1::uuid[], $2::uuid[]) AS d(id, event_id)`,
      [deliveryIds, eventIds, storeId, webhookId],
    );
    return eventIds.map((id) => encodeId('event', id));
  }

  /** Whether every delivery of the webhook is settled. */
  async nothingOwed(): Promise<boolean> {
    const [row] = await this.api.sql<{ owed: boolean }>(
      `SELECT EXISTS (SELECT FROM deliveries WHERE webhook_id = $1 AND status IN ('queued', 'retrying', 'held')) AS owed`,
      [this.place.webhookId],
    );
    return row?.owed === false;
  }

  /** Inserts an attempt that got an answer or, without a status, none. @returns the id on the wire */
  async attempt(deliveryId: string, number: number, statusCode: number | null): Promise<string> {
    const id = mintId('attempt', Date.now());
    const failed = statusCode === null || statusCode >= 300;
    const error = statusCode === null ? 'connection_refused' : 'http_error';
    await this.api.sql(
      `INSERT INTO attempts (id, delivery_id, store_id, number, trigger, started_at, url, request_headers, status_code,
         response_headers, response_body, response_truncated, error_code, error_message, connect_ms, first_byte_ms, duration_ms)
       VALUES ($1, $2, $3, $4, 'schedule', now(), 'http://127.0.0.1:9/hook', '{"webhook-id":"evt_1"}', $5::smallint,
         CASE WHEN $5::smallint IS NOT NULL THEN '{"x-answer":"a","set-cookie":["b","c"]}' END,
         CASE WHEN $5::smallint IS NOT NULL THEN 'ok' END, $5::smallint IS NOT NULL, $6, $7, 1.5, 2.25, 3.125)`,
      [
        id,
        decodeId('delivery', deliveryId),
        this.place.storeId,
        number,
        statusCode,
        failed ? error : null,
        failed ? 'It failed.' : null,
      ],
    );
    return encodeId('attempt', id);
  }
}
