import type { QueryRunner } from 'typeorm';

/** Tables of counts, each row of which is about one hour. */
const HOURLY_TABLES = ['webhook_stats', 'attempt_outcomes', 'accepted_events', 'api_key_usage'] as const;

/** Rows deleted in one statement. */
const ROWS_PER_STATEMENT = 10_000;

/**
 * Deletes the counts of hours that began before a time. Their tables are small beside the log and not partitioned, so that rows are
 * deleted, in short statements.
 *
 * @param beforeMs - milliseconds since the epoch
 * @param rowsMax - after this many rows the rest is left to the next call; the last statement may delete some more
 * @returns how many rows were deleted
 */
export async function forgetCounts(runner: QueryRunner, beforeMs: number, rowsMax: number): Promise<number> {
  let forgotten = 0;
  for (const table of HOURLY_TABLES) {
    for (let more = true; more && forgotten < rowsMax;) {
      const [, deleted] = (await runner.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE hour < to_timestamp($1 / 1000.0) LIMIT $2))`,
        [beforeMs, ROWS_PER_STATEMENT],
      )) as [unknown[], number];
      forgotten += deleted;
      more = deleted === ROWS_PER_STATEMENT;
    }
  }
  return forgotten;
}
