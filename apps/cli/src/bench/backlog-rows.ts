import { encodeId, type EventId } from '@signpost/domain';
import type { Client } from 'pg';

/** How many rows one statement writes. */
const STEP = 50_000;
/** How many ids bear the same millisecond. */
const IDS_PER_MS = 1_000;

/**
 * The events and their waiting deliveries, as a fan-out leaves them. The ids are UUIDv7 in the order of age. The oldest delivery has been
 * due for an hour, and each further one became due a millisecond after the one before.
 */
const INSERT = `
WITH made AS (
  SELECT i, (lpad(to_hex($5::bigint + i / ${IDS_PER_MS}), 12, '0') || '7' || lpad(to_hex(i % ${IDS_PER_MS}), 3, '0')
             || '8' || lpad(to_hex(i), 15, '0'))::uuid AS id
  FROM generate_series($1::int, $2::int) AS i
), webhook AS (
  SELECT w.id, w.store_id FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = $3
), event AS (
  INSERT INTO events (id, store_id, type, occurred_at, data)
  SELECT m.id, w.store_id, 'order.create', now(), $4::text FROM made m, webhook w
)
INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, due_at)
SELECT m.id, w.store_id, m.id, w.id, 'order.create', 'queued', true, now() - interval '1 hour' + m.i * interval '1 millisecond'
FROM made m, webhook w`;

const WAKE = `
UPDATE gates g SET due_at = now() FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = $1 AND g.webhook_id = w.id`;

/** The deliveries that have long been owed to a webhook. */
export interface Backlog {
  /** The store of the one webhook that it is owed to. */
  readonly storeKey: string;
  readonly deliveries: number;
  readonly data: string;
  /** The time in the oldest id, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** Writes a backlog. When it returns, PostgreSQL has also done what it does once after so many new rows: vacuum, analyse, checkpoint. */
export async function writeBacklog(sql: Client, { storeKey, deliveries, data, sinceMs }: Backlog): Promise<void> {
  for (let first = 0; first < deliveries; first += STEP) {
    const last = Math.min(first + STEP, deliveries) - 1;
    await sql.query(INSERT, [first, last, storeKey, data, sinceMs]);
  }
  await sql.query('VACUUM (ANALYZE) events, deliveries');
  await sql.query('CHECKPOINT');
  await sql.query(WAKE, [storeKey]);
}

/** The ids of the events of a backlog, oldest first, as the receiver is told them. */
export function eventIds({ sinceMs, deliveries }: Backlog): string[] {
  const uuid = (index: number): string => {
    const time = hex(sinceMs + Math.floor(index / IDS_PER_MS), 12);
    const number = hex(index, 15);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(index % IDS_PER_MS, 3)}-8${number.slice(0, 3)}-${number.slice(3)}`;
  };
  return Array.from({ length: deliveries }, (_, index) => encodeId('event', uuid(index) as EventId));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
