import { writeFile } from 'node:fs/promises';
import type { Client } from 'pg';

/** Settings of a PostgreSQL that counts what each statement costs. */
export const STATISTICS_SETTINGS: Readonly<Record<string, string>> = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
};

const STATEMENTS_MAX = 40;
const TEXT_LENGTH = 90;

interface StatementRow {
  calls: number;
  plan_ms: number;
  execution_ms: number;
  plans: number;
  rows: number;
  buffers_hit: number;
  wal_bytes: number;
  text: string;
}

const DEAREST = `
SELECT calls::int, plans::int, total_plan_time AS plan_ms, total_exec_time AS execution_ms, rows::int,
       shared_blks_hit::int AS buffers_hit, wal_bytes::float8 AS wal_bytes, regexp_replace(query, '\\s+', ' ', 'g') AS text
FROM pg_stat_statements ORDER BY total_plan_time + total_exec_time DESC LIMIT $1`;

/** Begins to count. */
export async function countStatements(sql: Client): Promise<void> {
  await sql.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await sql.query('SELECT pg_stat_statements_reset()');
}

/** Writes what the most expensive statements have cost since then: tab-separated, times in milliseconds. */
export async function writeStatementStatistics(sql: Client, file: string): Promise<void> {
  const { rows } = await sql.query<StatementRow>(DEAREST, [STATEMENTS_MAX]);
  const lines = rows.map(({ calls, plans, plan_ms, execution_ms, rows: count, buffers_hit, wal_bytes, text }) => {
    const each = [(plan_ms + execution_ms) / calls, plan_ms / Math.max(1, plans)].map((timeMs) => timeMs.toFixed(3));
    const totals = [plan_ms, execution_ms].map((timeMs) => timeMs.toFixed(0));
    return [...totals, calls, plans, ...each, count, buffers_hit, wal_bytes, text.trim().slice(0, TEXT_LENGTH)].join(
      '\t',
    );
  });
  const head = 'planning\texecution\tcalls\tplans\tms/call\tms/plan\trows\tbuffers hit\tWAL bytes\tstatement';
  await writeFile(file, `${[head, ...lines].join('\n')}\n`);
}
