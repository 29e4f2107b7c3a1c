import type { AttemptTrigger } from '@signpost/delivery';
import {
  idTimeMs,
  type AttemptId,
  type DeliveryId,
  type EventId,
  type StoreId,
  type WebhookId,
} from '@signpost/domain';
import type { SqlRunner } from '../sql/sql-client';
import {
  countLog,
  followersFrom,
  readLogPage,
  type LogCount,
  type LogSlice,
  type LogWindow,
  type PagedLog,
} from './log-page';
import { waitingSql } from './waiting-sql';

export const DELIVERY_STATUSES = ['queued', 'retrying', 'delivered', 'failed', 'canceled', 'held'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery in the log. */
export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly eventId: EventId;
  readonly webhookId: WebhookId;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly trigger: AttemptTrigger;
  /** When the next attempt is due; null when none is planned, or one is being made. */
  readonly nextAttemptAt: Date | null;
  /** Attempts of the automatic schedule. */
  readonly attemptsMade: number;
  readonly lastAttemptAt: Date | null;
  readonly lastStatusCode: number | null;
  readonly lastErrorCode: string | null;
  readonly deliveredAt: Date | null;
}

/** One HTTP request of a delivery and its outcome. Headers are JSON texts, as they were recorded. */
export interface AttemptRow {
  readonly id: AttemptId;
  readonly number: number;
  readonly trigger: AttemptTrigger;
  readonly startedAt: Date;
  readonly url: string;
  readonly requestHeaders: string;
  readonly statusCode: number | null;
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
  readonly responseTruncated: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly durationMs: number;
}

export interface DeliveryFilters {
  readonly webhookId: WebhookId | null;
  readonly eventId: EventId | null;
  readonly status: DeliveryStatus | null;
  /** Only these types; null: all. */
  readonly eventTypes: readonly string[] | null;
  /** Of the last attempt. */
  readonly statusCode: number | null;
  /** Of the last attempt. */
  readonly errorCode: string | null;
}

export const NO_DELIVERY_FILTERS: DeliveryFilters = Object.freeze({
  webhookId: null,
  eventId: null,
  status: null,
  eventTypes: null,
  statusCode: null,
  errorCode: null,
});

/** The columns of {@link DeliveryRow}, for statements that call their rows `deliveries`. */
export const DELIVERY_COLUMNS = `id, event_id AS "eventId", webhook_id AS "webhookId", event_type AS "eventType", status, trigger,
  CASE WHEN status IN ('queued', 'retrying') AND ${waitingSql('deliveries')} THEN due_at END AS "nextAttemptAt",
  attempts_made AS "attemptsMade", last_attempt_at AS "lastAttemptAt", last_status_code AS "lastStatusCode",
  last_error_code AS "lastErrorCode", delivered_at AS "deliveredAt"`;

const DELIVERY_LOG: PagedLog<DeliveryFilters> = {
  name: 'delivery log',
  table: 'deliveries',
  columns: DELIVERY_COLUMNS,
  conditions: {
    eventId: 'event_id = ?',
    webhookId: 'webhook_id = ?',
    status: 'status = ?',
    eventTypes: 'event_type = ANY (?::text[])',
    statusCode: 'last_status_code = ?',
    errorCode: 'last_error_code = ?',
  },
  lookUps: [
    { filters: ['eventId'], condition: 'event_id = ?' },
    { filters: ['webhookId', 'status'], condition: "webhook_trouble = ?::text || ' ' || ?::text", serves: isTrouble },
    {
      filters: ['statusCode'],
      condition: 'error_status = ?',
      // Any answer but a 2xx is an error, and so in the index of errors.
      serves: ({ statusCode }) => statusCode !== null && (statusCode < 200 || statusCode >= 300),
    },
    { filters: ['errorCode'], condition: 'last_error_code = ?' },
    { filters: ['status'], condition: 'trouble = ?', serves: isTrouble },
    { filters: ['webhookId'], condition: 'webhook_id = ?' },
  ],
};

/** Whether the indexes of `trouble` hold the deliveries with this status. */
function isTrouble({ status }: DeliveryFilters): boolean {
  return status !== 'queued' && status !== 'delivered';
}

/** A count ends here: beyond this, it is enough to know that there are more. */
const COUNT_MAX = 10_000;

/** Reads deliveries and their attempts. Each call is bound to one store. */
export class DeliveryLog {
  constructor(private readonly sql: SqlRunner) {}

  list(storeId: StoreId, window: LogWindow, filters: DeliveryFilters): Promise<LogSlice<DeliveryRow>> {
    return readLogPage<DeliveryFilters, DeliveryRow>(
      this.sql,
      DELIVERY_LOG,
      storeId,
      sinceEvent(window, filters),
      filters,
    );
  }

  /** How many there are. Exact up to 10,000 when an index serves all filters; otherwise only among the rows looked at. */
  count(storeId: StoreId, window: Pick<LogWindow, 'sinceMs' | 'untilMs'>, filters: DeliveryFilters): Promise<LogCount> {
    return countLog(this.sql, DELIVERY_LOG, storeId, sinceEvent(window, filters), filters, COUNT_MAX);
  }

  async find(storeId: StoreId, id: DeliveryId): Promise<DeliveryRow | null> {
    const [delivery] = await this.sql.run<DeliveryRow>(FIND, [id, storeId]);
    return delivery ?? null;
  }

  /** The newest attempts of a delivery, oldest first. */
  async attempts(storeId: StoreId, id: DeliveryId, limit: number): Promise<AttemptRow[]> {
    const rows = await this.sql.run<AttemptRow>(ATTEMPTS, [id, followersFrom(idTimeMs(id)), storeId, limit]);
    return rows.reverse();
  }
}

/** The deliveries of an event are younger than it, so the partitions before it need not be looked at. */
function sinceEvent<Window extends Pick<LogWindow, 'sinceMs'>>(window: Window, { eventId }: DeliveryFilters): Window {
  if (eventId === null) return window;
  const eventMs = idTimeMs(followersFrom(idTimeMs(eventId)));
  return { ...window, sinceMs: Math.max(window.sinceMs ?? 0, eventMs) };
}

const FIND = {
  name: 'delivery',
  text: `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE id = $1 AND store_id = $2`,
};

/** The columns of {@link AttemptRow}. */
export const ATTEMPT_COLUMNS = `id, number, trigger, started_at AS "startedAt", url, request_headers AS "requestHeaders",
  status_code AS "statusCode", response_headers AS "responseHeaders", response_body AS "responseBody",
  response_truncated AS "responseTruncated", error_code AS "errorCode", error_message AS "errorMessage",
  dns_ms AS "dnsMs", connect_ms AS "connectMs", tls_ms AS "tlsMs", first_byte_ms AS "firstByteMs",
  duration_ms AS "durationMs"`;

const ATTEMPTS = {
  name: 'delivery attempts',
  text: `SELECT ${ATTEMPT_COLUMNS}
         FROM attempts WHERE delivery_id = $1 AND id >= $2 AND store_id = $3 ORDER BY id DESC LIMIT $4`,
};
