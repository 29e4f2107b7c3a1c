import { createDataSource, DAY_MS, ensurePartitions, Retention } from '@signpost/database';
import type { Client } from 'pg';

/** How many rows one statement writes to each table. */
const STEP = 100_000;
/** How far back the log reaches: a day less than it is kept by default. */
const DAYS = 29;

/** A log of deliveries as it stands after a month. */
export interface FilledLog {
  /** Half of the log belongs to the first store, the rest is spread over the others. */
  readonly storeKeys: readonly string[];
  readonly deliveries: number;
  readonly data: string;
  readonly nowMs: number;
}

/**
 * Events, deliveries and attempts, evenly over the last days, in the order of their age: 95.9 % delivered, 3 % failed in several ways,
 * the others canceled or still to be retried. `$1` and `$2` are the first and last number, `$3` the stores' keys, `$4` the payload,
 * `$5` and `$6` the time of number 0 and the milliseconds from one to the next.
 */
const INSERT = `
WITH webhook AS (
  SELECT w.id, w.store_id, w.url, s.key = ($3::text[])[1] AS is_large,
         row_number() OVER (PARTITION BY s.key = ($3::text[])[1] ORDER BY w.id) - 1 AS place
  FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = ANY ($3::text[])
), counted AS (
  SELECT is_large, count(*) AS webhooks FROM webhook GROUP BY is_large
), made AS (
  SELECT i, i % 2 = 0 AS is_large, i::bigint * 7919 % 1000 AS luck, $5::bigint + floor(i * $6::float8)::bigint AS at_ms
  FROM generate_series($1::int, $2::int) AS i
), placed AS (
  SELECT m.*, w.id AS webhook_id, w.store_id, w.url, to_timestamp(m.at_ms / 1000.0) AS at,
         (lpad(to_hex(m.at_ms), 12, '0') || '7' || lpad(to_hex(m.i % 4096), 3, '0') || '8' || lpad(to_hex(m.i), 15, '0'))::uuid AS id,
         CASE WHEN m.luck < 30 THEN 'failed' WHEN m.luck < 40 THEN 'canceled' WHEN m.luck < 41 THEN 'retrying' ELSE 'delivered' END AS status,
         CASE WHEN m.luck < 15 THEN 500 WHEN m.luck < 20 THEN 404 WHEN m.luck < 41 THEN NULL ELSE 200 END AS code,
         CASE WHEN m.luck < 20 THEN 'http_error' WHEN m.luck < 41 THEN 'headers_timeout' END AS error
  FROM made m JOIN counted c USING (is_large) JOIN webhook w ON w.is_large = m.is_large AND w.place = m.i / 2 % c.webhooks
), event AS (
  INSERT INTO events (id, store_id, type, occurred_at, data) SELECT id, store_id, 'order.create', at, $4 FROM placed
), attempt AS (
  INSERT INTO attempts (id, delivery_id, store_id, number, trigger, started_at, url, request_headers, status_code, response_headers,
                        response_body, error_code, error_message, connect_ms, first_byte_ms, duration_ms)
  SELECT id, id, store_id, 1, 'schedule', at, url, '{"content-type":"application/json","user-agent":"Signpost"}', code,
         CASE WHEN code IS NOT NULL THEN '{"content-type":"application/json"}' END, CASE WHEN code IS NOT NULL THEN '{"ok":true}' END,
         error, CASE WHEN error IS NOT NULL THEN 'The endpoint did not take it.' END, 2, 20, 25
  FROM placed
)
INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, due_at, attempts_made, last_attempt_at,
                        last_status_code, last_error_code, delivered_at)
SELECT id, store_id, id, webhook_id, 'order.create', status, status = 'retrying',
       CASE WHEN status = 'retrying' THEN now() + interval '20 hours' ELSE at END, 1, at, code, error, CASE WHEN error IS NULL THEN at END
FROM placed`;

/** The hourly counts of the same deliveries, as results would have left them. */
const COUNTS = [
  `INSERT INTO webhook_stats (webhook_id, hour, store_id, attempts, delivered, failed_attempts, failed, duration_ms, durations)
   SELECT webhook_id, date_trunc('hour', due_at, 'UTC'), store_id, count(*), count(*) FILTER (WHERE status = 'delivered'),
          count(*) FILTER (WHERE status <> 'delivered'), count(*) FILTER (WHERE status = 'failed'), count(*) * 25,
          array_fill(0, ARRAY[9]) || count(*)::int || array_fill(0, ARRAY[22])
   FROM deliveries WHERE status <> 'retrying' AND store_id IN (SELECT id FROM stores WHERE key = ANY ($1)) GROUP BY 1, 2, 3`,
  `INSERT INTO attempt_outcomes (store_id, hour, webhook_id, status_code, error_code, attempts)
   SELECT store_id, date_trunc('hour', due_at, 'UTC'), webhook_id, coalesce(last_status_code, 0), coalesce(last_error_code, ''), count(*)
   FROM deliveries WHERE status <> 'retrying' AND store_id IN (SELECT id FROM stores WHERE key = ANY ($1)) GROUP BY 1, 2, 3, 4, 5`,
  `INSERT INTO accepted_events (store_id, hour, slot, events)
   SELECT store_id, date_trunc('hour', occurred_at, 'UTC'), 0, count(*)
   FROM events WHERE store_id IN (SELECT id FROM stores WHERE key = ANY ($1)) GROUP BY 1, 2
   ON CONFLICT (store_id, hour, slot) DO UPDATE SET events = accepted_events.events + excluded.events`,
];

/**
 * Writes a log. When it returns, PostgreSQL has also done what it does once after so many new rows: vacuum, analyse, checkpoint.
 *
 * @param progress - hears how many deliveries there are
 */
export async function fillLog(
  sql: Client,
  databaseUrl: string,
  { storeKeys, deliveries, data, nowMs }: FilledLog,
  progress: (deliveries: number) => void,
): Promise<void> {
  const sinceMs = nowMs - DAYS * DAY_MS;
  await makePartitions(databaseUrl, sinceMs, nowMs);
  for (let first = 0; first < deliveries; first += STEP) {
    const last = Math.min(first + STEP, deliveries) - 1;
    await sql.query(INSERT, [first, last, storeKeys, data, sinceMs, (nowMs - sinceMs) / deliveries]);
    progress(last + 1);
  }
  for (const counts of COUNTS) await sql.query(counts, [storeKeys]);
  // What a worker does every ten minutes: old counts become days.
  const retention = new Retention(databaseUrl, { days: DAYS + 1, payloadDays: DAYS + 1 });
  while ((await retention.run())?.more !== false);
  await sql.query('VACUUM (ANALYZE) events, deliveries, attempts, webhook_stats, attempt_outcomes, accepted_events');
  await sql.query('CHECKPOINT');
}

async function makePartitions(databaseUrl: string, sinceMs: number, untilMs: number): Promise<void> {
  const dataSource = createDataSource({ url: databaseUrl, poolSize: 1, applicationName: 'signpost-bench' });
  await dataSource.initialize();
  try {
    for (let dayMs = sinceMs; dayMs < untilMs; dayMs += DAY_MS) await ensurePartitions(dataSource, dayMs);
  } finally {
    await dataSource.destroy();
  }
}
