import { idLowerBound, type StoreId } from '@signpost/domain';
import type { QueryResultRow } from 'pg';
import type { SqlRunner } from './sql-client';

const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Clocks of the processes that mint ids may differ by less than this. */
const CLOCK_SKEW_MS = 60 * 60_000;

/** Which part of a store's log is read: newest first, between two times, behind the last id of the page before. */
export interface LogWindow {
  /** Inclusive, in milliseconds since 1970; null: from the beginning. */
  readonly sinceMs: number | null;
  /** Exclusive, in milliseconds since 1970; null: to the end. */
  readonly untilMs: number | null;
  /** Only ids below this one. */
  readonly before: string | null;
  readonly limit: number;
}

/** A log that can be read in pages. `?` in a condition stands for the value of its filter. */
export interface PagedLog<Filters extends object> {
  /** Begins the names of the prepared statements, one for each set of filters in use. */
  readonly name: string;
  readonly select: string;
  readonly conditions: readonly (readonly [filter: keyof Filters, condition: string])[];
}

/**
 * Reads one page, by the filters that are set (a missing or null one is not). The bounds on the id are always in the query, so it
 * touches only the partitions of the window, newest first, and ends as soon as the page is full.
 */
export async function readLogPage<Filters extends object, Row extends QueryResultRow>(
  sql: SqlRunner,
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: LogWindow,
  filters: Filters,
): Promise<Row[]> {
  const values: unknown[] = [storeId, ...idBounds(window), window.limit];
  let name = log.name;
  let conditions = '';
  log.conditions.forEach(([filter, condition], index) => {
    const value = filters[filter] ?? null;
    if (value === null) return;
    values.push(value);
    name += `+${index}`;
    conditions += ` AND ${condition.replace('?', () => `$${values.length}`)}`;
  });
  const text = `${log.select} WHERE store_id = $1 AND id >= $2 AND id < $3${conditions} ORDER BY id DESC LIMIT $4`;
  return sql.run<Row>({ name, text }, values);
}

function idBounds({ sinceMs, untilMs, before }: LogWindow): [from: string, below: string] {
  const from = sinceMs === null ? LOWEST_ID : idLowerBound(sinceMs);
  const below = untilMs === null ? HIGHEST_ID : idLowerBound(untilMs);
  // Lower-case UUIDs sort as texts exactly as PostgreSQL sorts them.
  return [from, before !== null && before < below ? before : below];
}

/** An id that everything which follows from a thing of `timeMs` is above: keeps a look-up out of the partitions before it. */
export function followersFrom(timeMs: number): string {
  return idLowerBound(timeMs - CLOCK_SKEW_MS);
}
