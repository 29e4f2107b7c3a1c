import { idLowerBound, type StoreId } from '@signpost/domain';
import type { QueryResultRow } from 'pg';
import type { SqlRunner } from '../sql/sql-client';

const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const HIGHEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** The clocks of the processes that mint ids are taken to differ by less than this. */
const CLOCK_SKEW_MS = 60 * 60_000;

/** How many rows one request looks at for filters that no index serves: this bounds the work of the request, however large the log is. */
const LOOKED_AT_MAX = 1_000;

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

/**
 * A condition for which an index gives the rows in the order of their ids. Each `?` stands for the value of one of `filters`, in their
 * order.
 */
export interface LogLookUp<Filters> {
  readonly filters: readonly (keyof Filters)[];
  readonly condition: string;
  /** Whether the index holds the rows of these values; left out: those of all values. */
  readonly serves?: (filters: Filters) => boolean;
}

/** A log that can be read in pages. */
export interface PagedLog<Filters extends object> {
  /** Begins the names of the prepared statements, one for each set of filters in use. */
  readonly name: string;
  readonly table: string;
  readonly columns: string;
  /** The condition of each filter; `?` stands for its value. */
  readonly conditions: Readonly<Record<keyof Filters, string>>;
  /** The most selective first: the first one is used whose filters are all set, and which serves their values. */
  readonly lookUps: readonly LogLookUp<Filters>[];
}

/** What one request found of a log. */
export interface LogSlice<Row> {
  readonly rows: readonly Row[];
  /** Up to which id the search has looked, when it stopped before the page was full and older rows may match; otherwise null. */
  readonly lookedUpTo: string | null;
}

/** How many rows match; when not `exact`, at least this many. */
export interface LogCount {
  readonly count: number;
  readonly exact: boolean;
}

/**
 * Reads one page, by the filters that are set (a missing or null one is not). The bounds on the id are always in the query: so it touches
 * only the partitions of the window, newest first, and ends as soon as the page is full, or it has looked at {@link LOOKED_AT_MAX} rows for
 * filters that no index serves.
 */
export async function readLogPage<Filters extends object, Row extends QueryResultRow & { readonly id: string }>(
  sql: SqlRunner,
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: LogWindow,
  filters: Filters,
): Promise<LogSlice<Row>> {
  const { name, served, rest, values } = planSearch(log, storeId, window, filters);
  const limit = `LIMIT $${values.length + 1}`;
  if (rest === null) {
    const text = `SELECT ${log.columns} FROM ${log.table} WHERE ${served} ORDER BY id DESC ${limit}`;
    return {
      rows: await sql.run<Row>({ name: `${log.name}: ${name}`, text }, [...values, window.limit]),
      lookedUpTo: null,
    };
  }
  // The last row that is looked at is returned even if it does not match, because its id tells how far the search has got.
  const text = `
SELECT ${log.columns}, place = ${LOOKED_AT_MAX} AS "isLast", (${rest}) IS TRUE AS matches
FROM (
  SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM ${log.table} WHERE ${served} ORDER BY id DESC LIMIT ${LOOKED_AT_MAX}
) ${log.table}
WHERE (${rest}) OR place = ${LOOKED_AT_MAX} ORDER BY id DESC ${limit}`;
  const found = await sql.run<Row & LookedAt>({ name: `${log.name}: ${name}`, text }, [...values, window.limit]);
  const rows = found.filter(({ matches }) => matches);
  const last = found.at(-1);
  return { rows, lookedUpTo: last?.isLast === true && rows.length < window.limit ? last.id : null };
}

interface LookedAt {
  readonly isLast: boolean;
  readonly matches: boolean;
}

/** Counts the rows that match, up to `countMax`. Its work is bounded as that of {@link readLogPage}. */
export async function countLog<Filters extends object>(
  sql: SqlRunner,
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: Pick<LogWindow, 'sinceMs' | 'untilMs'>,
  filters: Filters,
  countMax: number,
): Promise<LogCount> {
  const { name, served, rest, values } = planSearch(
    log,
    storeId,
    { ...window, before: null, limit: countMax },
    filters,
  );
  const lookedAtMax = rest === null ? countMax + 1 : LOOKED_AT_MAX;
  const text = `
SELECT count(*)::int AS seen, count(*) FILTER (WHERE ${rest ?? 'true'})::int AS count
FROM (SELECT * FROM ${log.table} WHERE ${served} ORDER BY id DESC LIMIT ${lookedAtMax}) looked_at`;
  const [row] = await sql.run<{ seen: number; count: number }>({ name: `${log.name} count: ${name}`, text }, values);
  const { seen = 0, count = 0 } = row ?? {};
  return { count: Math.min(count, countMax), exact: seen < lookedAtMax };
}

interface Search {
  /** Tells sets of conditions apart in the names of prepared statements. */
  readonly name: string;
  /** The conditions that an index serves. */
  readonly served: string;
  /** The other conditions, which no index serves; null: there are none. */
  readonly rest: string | null;
  readonly values: readonly unknown[];
}

function planSearch<Filters extends object>(
  log: PagedLog<Filters>,
  storeId: StoreId,
  window: LogWindow,
  filters: Filters,
): Search {
  const isSet = (filter: keyof Filters): boolean => (filters[filter] ?? null) !== null;
  const { from, below } = idBounds(window);
  const values: unknown[] = [storeId, from, below];
  const withValues = (condition: string, names: readonly (keyof Filters)[]): string =>
    names.reduce((text, name) => text.replace('?', `$${values.push(filters[name])}`), condition);
  const lookUp = log.lookUps.find((each) => each.filters.every(isSet) && (each.serves?.(filters) ?? true));
  const served = lookUp === undefined ? [] : [withValues(lookUp.condition, lookUp.filters)];
  const all = Object.keys(log.conditions) as (keyof Filters)[];
  const others = all.filter((filter) => isSet(filter) && lookUp?.filters.includes(filter) !== true);
  const rest = others.map((filter) => withValues(log.conditions[filter], [filter]));
  return {
    // Made of the places of look-up and filters, to be short: PostgreSQL cuts a name after 63 characters.
    name: [lookUp === undefined ? '-' : log.lookUps.indexOf(lookUp), ...others.map((each) => all.indexOf(each))].join(
      ' ',
    ),
    served: ['store_id = $1', 'id >= $2', 'id < $3', ...served].join(' AND '),
    rest: rest.length === 0 ? null : rest.join(' AND '),
    values,
  };
}

function idBounds({ sinceMs, untilMs, before }: LogWindow): { from: string; below: string } {
  const from = sinceMs === null ? LOWEST_ID : idLowerBound(sinceMs);
  const below = untilMs === null ? HIGHEST_ID : idLowerBound(untilMs);
  // Lower-case UUIDs sort as texts exactly as PostgreSQL sorts them.
  return { from, below: before !== null && before < below ? before : below };
}

/**
 * A lower bound for the ids of everything that follows from something made at `timeMs`, such as the deliveries of an event. It keeps
 * look-ups out of older partitions.
 */
export function followersFrom(timeMs: number): string {
  return idLowerBound(timeMs - CLOCK_SKEW_MS);
}
