import { idLowerBound, type StoreId } from '@signpost/domain';
import type { QueryResultRow } from 'pg';
import type { SqlRunner } from './sql-client';

const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Clocks of the processes that mint ids may differ by less than this. */
const CLOCK_SKEW_MS = 60 * 60_000;

/** Rows that one request looks at for a filter which no index serves: it bounds its work, however large the log is. */
const LOOKED_AT_MAX = 10_000;

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

/** A filter of a log. `?` in a condition stands for its value. */
export interface LogCondition<Filters> {
  readonly filter: keyof Filters;
  readonly condition: string;
  /**
   * The condition as an index serves it, in the order of the ids; null for a value that it does not serve. Left out: none does.
   * Of several that are asked for, the first is looked up.
   */
  readonly indexed?: (value: unknown) => string | null;
}

/** A log that can be read in pages. */
export interface PagedLog<Filters extends object> {
  /** Begins the names of the prepared statements, one for each set of filters in use. */
  readonly name: string;
  readonly table: string;
  readonly columns: string;
  readonly conditions: readonly LogCondition<Filters>[];
}

/** What one request found of a log. */
export interface LogSlice<Row> {
  readonly rows: readonly Row[];
  /** The last id that was looked at, where older rows that match may follow; null: there are none, or `rows` is full. */
  readonly lookedUpTo: string | null;
}

/** How many rows match; not `exact`: at least so many. */
export interface LogCount {
  readonly count: number;
  readonly exact: boolean;
}

/**
 * Reads one page, by the filters that are set (a missing or null one is not). The bounds on the id are always in the query, so it
 * touches only the partitions of the window, newest first, and ends as soon as the page is full, or has looked at
 * {@link LOOKED_AT_MAX} rows for filters that no index serves.
 */
export async function readLogPage<Filters extends object, Row extends QueryResultRow>(
  sql: SqlRunner,
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: LogWindow,
  filters: Filters,
): Promise<LogSlice<Row>> {
  const search = planSearch(log, storeId, window, filters);
  const horizon = await findHorizon(sql, log, search);
  const { name, where, values } = search.matching(horizon);
  const text = `SELECT ${log.columns} FROM ${log.table} WHERE ${where} ORDER BY id DESC LIMIT $${values.length + 1}`;
  const rows = await sql.run<Row>({ name: `${log.name}: ${name}`, text }, [...values, window.limit]);
  return { rows, lookedUpTo: rows.length < window.limit ? horizon : null };
}

/** Counts what matches, up to `countMax`, within the same bound on its work. */
export async function countLog<Filters extends object>(
  sql: SqlRunner,
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: Pick<LogWindow, 'sinceMs' | 'untilMs'>,
  filters: Filters,
  countMax: number,
): Promise<LogCount> {
  const search = planSearch(log, storeId, { ...window, before: null, limit: countMax }, filters);
  const horizon = await findHorizon(sql, log, search);
  const { name, where, values } = search.matching(horizon);
  const matching = `SELECT FROM ${log.table} WHERE ${where} ORDER BY id DESC LIMIT $${values.length + 1}`;
  const statement = { name: `${log.name} count: ${name}`, text: `SELECT count(*)::int AS count FROM (${matching}) m` };
  const [row] = await sql.run<{ count: number }>(statement, [...values, countMax + 1]);
  const count = row?.count ?? 0;
  return { count: Math.min(count, countMax), exact: horizon === null && count <= countMax };
}

interface Where {
  /** Of the set of conditions, for the name of a prepared statement. */
  readonly name: string;
  readonly where: string;
  readonly values: readonly unknown[];
}

interface Search {
  /** What an index serves; null when that is all there is. */
  readonly lookedAt: Where | null;
  /** Everything, from an id on. */
  readonly matching: (fromId: string | null) => Where;
}

function planSearch<Filters extends object>(
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: LogWindow,
  filters: Filters,
): Search {
  const set = log.conditions.flatMap((condition, index) => {
    const value = filters[condition.filter] ?? null;
    return value === null ? [] : [{ ...condition, index, value, served: condition.indexed?.(value) ?? null }];
  });
  const leading = set.find(({ served }) => served !== null);
  const bounds = idBounds(window);
  const whereOf = (conditions: typeof set, fromId: string): Where => {
    const values: unknown[] = [storeId, fromId, bounds.below];
    const texts = conditions.map((condition) => {
      values.push(condition.value);
      const text = condition === leading ? (condition.served ?? '') : condition.condition;
      return ` AND ${text.replace('?', () => `$${values.length}`)}`;
    });
    const name = conditions.map((each) => (each === leading ? `${each.index}*` : `${each.index}`)).join('+');
    return { name, where: `store_id = $1 AND id >= $2 AND id < $3${texts.join('')}`, values };
  };
  const isServed = set.every((condition) => condition === leading);
  return {
    lookedAt: isServed ? null : whereOf(leading === undefined ? [] : [leading], bounds.from),
    matching: (fromId) => whereOf(set, fromId ?? bounds.from),
  };
}

/** The id down to which a search looks; null: to the end of the window. */
async function findHorizon(
  sql: SqlRunner,
  log: PagedLog<never>,
  { lookedAt }: Pick<Search, 'lookedAt'>,
): Promise<string | null> {
  if (lookedAt === null) return null;
  const { name, where, values } = lookedAt;
  const text = `SELECT id FROM ${log.table} WHERE ${where} ORDER BY id DESC OFFSET ${LOOKED_AT_MAX - 1} LIMIT 1`;
  const [row] = await sql.run<{ id: string }>({ name: `${log.name} horizon: ${name}`, text }, values);
  return row?.id ?? null;
}

function idBounds({ sinceMs, untilMs, before }: LogWindow): { from: string; below: string } {
  const from = sinceMs === null ? LOWEST_ID : idLowerBound(sinceMs);
  const below = untilMs === null ? HIGHEST_ID : idLowerBound(untilMs);
  // Lower-case UUIDs sort as texts exactly as PostgreSQL sorts them.
  return { from, below: before !== null && before < below ? before : below };
}

/** An id that everything which follows from a thing of `timeMs` is above: keeps a look-up out of the partitions before it. */
export function followersFrom(timeMs: number): string {
  return idLowerBound(timeMs - CLOCK_SKEW_MS);
}
