import { idLowerBound } from '@signpost/domain';
import type { DataSource } from 'typeorm';

/** One partition holds the ids of one day in UTC. */
export const DAY_MS = 86_400_000;

/** Days made ahead of need, so that a database left alone for a week still takes events. */
const DAYS_AHEAD = 7;

/** Tables partitioned by day, with the storage settings of their partitions, which a parent cannot hand down. */
export const PARTITIONED_TABLES = [
  { table: 'events', settings: 'autovacuum_vacuum_insert_scale_factor = 0.5' },
  { table: 'deliveries', settings: 'fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1' },
  { table: 'attempts', settings: 'autovacuum_vacuum_insert_scale_factor = 0.5' },
] as const;

/**
 * Makes the daily partitions from yesterday to a week ahead that do not exist yet. Safe to run from several processes at once.
 *
 * A partition is made as a table of its own and then attached: that takes a lock which lets reads and writes of the parent go on.
 *
 * @param nowMs - the time in milliseconds since the epoch
 * @returns the names of the partitions that were made
 */
export async function ensurePartitions(dataSource: DataSource, nowMs: number): Promise<string[]> {
  const existing = await existingPartitions(dataSource);
  const made: string[] = [];
  const today = Math.floor(nowMs / DAY_MS);
  for (const { table, settings } of PARTITIONED_TABLES) {
    for (let day = today - 1; day <= today + DAYS_AHEAD; day += 1) {
      const name = partitionName(table, day * DAY_MS);
      if (existing.has(name)) continue;
      await makePartition(dataSource, { table, name, settings, fromMs: day * DAY_MS });
      made.push(name);
    }
  }
  return made;
}

function partitionName(table: string, dayMs: number): string {
  return `${table}_${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

async function existingPartitions(dataSource: DataSource): Promise<Set<string>> {
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass)`,
  );
  return new Set(rows.map((row) => row.name));
}

interface NewPartition {
  readonly table: string;
  readonly name: string;
  readonly settings: string;
  readonly fromMs: number;
}

async function makePartition(dataSource: DataSource, { table, name, settings, fromMs }: NewPartition): Promise<void> {
  const from = idLowerBound(fromMs);
  const to = idLowerBound(fromMs + DAY_MS);
  await dataSource.transaction(async (manager) => {
    // One maker at a time; the second finds the partition made.
    await manager.query(`SELECT pg_advisory_xact_lock(hashtext('signpost partitions'))`);
    const [attached] = await manager.query<{ exists: boolean }[]>(
      `SELECT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)) AS exists`,
      [name],
    );
    if (attached?.exists) return;
    await manager.query(
      `CREATE TABLE IF NOT EXISTS ${name} (LIKE ${table} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)`,
    );
    await manager.query(`ALTER TABLE ${name} SET (${settings})`);
    await manager.query(`ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}')`);
  });
}
