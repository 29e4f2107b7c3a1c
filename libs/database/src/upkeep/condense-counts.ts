import type { QueryRunner } from 'typeorm';
import { DAY_MS } from './partitions';

/** How many days counts are kept by the hour; older ones are kept by the day. */
const HOURLY_DAYS = 8;

/** How many hours of one table are condensed in one run. */
const HOURS_PER_RUN = 240;

/** Adds the counts of one hour ($1) to the first hour of its day in UTC, where those of the whole day are kept. */
const CONDENSE = {
  webhook_stats: `
WITH gone AS (DELETE FROM webhook_stats WHERE hour = $1 RETURNING *)
INSERT INTO webhook_stats AS s (webhook_id, hour, store_id, attempts, delivered, failed_attempts, failed, duration_ms, durations)
SELECT webhook_id, date_trunc('day', hour, 'UTC'), store_id, attempts, delivered, failed_attempts, failed, duration_ms, durations FROM gone
ON CONFLICT (webhook_id, hour) DO UPDATE SET
  attempts = s.attempts + excluded.attempts, delivered = s.delivered + excluded.delivered,
  failed_attempts = s.failed_attempts + excluded.failed_attempts, failed = s.failed + excluded.failed,
  duration_ms = s.duration_ms + excluded.duration_ms, durations = add_counts(s.durations, excluded.durations)`,
  attempt_outcomes: `
WITH gone AS (DELETE FROM attempt_outcomes WHERE hour = $1 RETURNING *)
INSERT INTO attempt_outcomes AS s (store_id, hour, webhook_id, status_code, error_code, attempts)
SELECT store_id, date_trunc('day', hour, 'UTC'), webhook_id, status_code, error_code, attempts FROM gone
ON CONFLICT (store_id, hour, webhook_id, status_code, error_code) DO UPDATE SET attempts = s.attempts + excluded.attempts`,
  accepted_events: `
WITH gone AS (DELETE FROM accepted_events WHERE hour = $1 RETURNING *)
INSERT INTO accepted_events AS s (store_id, hour, slot, events)
SELECT store_id, date_trunc('day', hour, 'UTC'), slot, events FROM gone
ON CONFLICT (store_id, hour, slot) DO UPDATE SET events = s.events + excluded.events`,
} as const;

/** @returns the time from which on counts are kept by the hour; this and `nowMs` are milliseconds since 1970 */
export function hourlySinceMs(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS - HOURLY_DAYS) * DAY_MS;
}

/**
 * Adds the counts of old hours to those of their days, so that a chart of a month reads about a third of the rows. An hour is moved whole,
 * or not at all: a run that is interrupted leaves the rest to the next.
 *
 * @returns how many hours were condensed, and whether there are more
 */
export async function condenseCounts(runner: QueryRunner, nowMs: number): Promise<{ hours: number; more: boolean }> {
  let hours = 0;
  let more = false;
  for (const [table, condense] of Object.entries(CONDENSE)) {
    const old = (await runner.query(
      `SELECT DISTINCT hour FROM ${table}
       WHERE hour < to_timestamp($1 / 1000.0) AND hour <> date_trunc('day', hour, 'UTC') ORDER BY hour LIMIT $2`,
      [hourlySinceMs(nowMs), HOURS_PER_RUN],
    )) as { hour: Date }[];
    for (const { hour } of old) await runner.query(condense, [hour]);
    hours += old.length;
    more ||= old.length === HOURS_PER_RUN;
  }
  return { hours, more };
}
