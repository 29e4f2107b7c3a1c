import { idLowerBound } from '@signpost/domain';
import { QueryFailedError, type QueryRunner } from 'typeorm';
import { createDataSource } from '../data-source';
import { databaseNowMs } from '../database-now';
import { forgetExpired } from '../people/forget-expired';
import { condenseCounts } from './condense-counts';
import { forgetCounts } from './forget-counts';
import { DAY_MS, PARTITIONED_TABLES } from './partitions';
import { PAYLOADS_PER_RUN, PayloadRetention } from './payload-retention';

/** How long things are kept, in whole days. */
export interface RetentionSettings {
  readonly days: number;
  /** Payloads may be forgotten earlier than events, deliveries and attempts; at most `days`. */
  readonly payloadDays: number;
}

/** What one run of the retention did. */
export interface RetentionReport {
  /** Names of the partitions that were dropped. */
  readonly dropped: readonly string[];
  /** Names of the partitions past retention that were kept, because something in them is still owed. */
  readonly owed: readonly string[];
  /** The partition past retention that others were still using, so that neither it nor any later one was dropped; null when there was none. */
  readonly inUse: string | null;
  /** Events whose payload was forgotten. */
  readonly payloads: number;
  /** Rows of hourly counts that were deleted. */
  readonly counts: number;
  /** Hours whose counts were added to those of their day. */
  readonly hours: number;
  /** Whether another run has more to do, because this one reached a bound or was stopped. */
  readonly more: boolean;
}

interface Partition {
  readonly table: string;
  readonly name: string;
  readonly dayMs: number;
  /** `detaching`: a run was interrupted while it detached the partition. `detached`: it is no partition any more, only a table. */
  readonly state: 'attached' | 'detaching' | 'detached';
}

const COUNTS_PER_RUN = 100_000;

/** `lock_not_available`: the lock timeout was over. */
const LOCK_TIMEOUT_CODE = '55P03';

/** The signal of a run that nobody stops. */
const NEVER = new AbortController().signal;

/** How long a run waits for the readers of a partition that is to be dropped. The next run tries again. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * Forgets what is past its retention: partitions are detached without blocking anybody and then dropped; their rows are not deleted.
 * Partitions in which something is still owed are kept, however old. One process does this at a time. Age is measured by PostgreSQL's
 * `now()`: by its own clock, a worker that is ahead might drop what was accepted today.
 */
export class Retention {
  private readonly payloads = new PayloadRetention();

  /** @param databaseUrl - where a connection is a session of its own; a pooler that shares it by transactions would not do */
  constructor(
    private readonly databaseUrl: string,
    private readonly settings: RetentionSettings,
  ) {}

  /**
   * @param stop - once it is aborted nothing more is begun: what is left is for the next run
   * @returns null when another process is running the retention
   * @throws the driver's error; the next run goes on from there
   */
  async run(stop: AbortSignal = NEVER): Promise<RetentionReport | null> {
    // A session of its own: partitions are detached outside of any transaction, and the settings below end with the session.
    const session = createDataSource({ url: this.databaseUrl, poolSize: 1, applicationName: 'signpost-retention' });
    await session.initialize();
    const runner = session.createQueryRunner();
    try {
      if (!(await tryLock(runner))) return null;
      try {
        return await this.runIn(runner, stop);
      } finally {
        // Unlocked explicitly, because nobody waits for the session to end, and the next run may follow at once.
        await runner.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
      }
    } finally {
      await runner.release();
      await session.destroy();
    }
  }

  private async runIn(runner: QueryRunner, stop: AbortSignal): Promise<RetentionReport> {
    // Old counts are found by block range indexes, which PostgreSQL reads by bitmap scans only; these are off by default here.
    await runner.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}; SET enable_bitmapscan = on`);
    const nowMs = await databaseNowMs(runner);
    const partitions = await partitionsOf(runner);
    const { dropped, owed, inUse } = await this.dropOld(runner, partitions, nowMs, stop);
    const left = partitions.filter(({ name }) => !dropped.includes(name));
    const payloads = await this.payloads.run(runner, this.pastPayloads(left, nowMs), stop);
    if (stop.aborted) return { dropped, owed, inUse, payloads, counts: 0, hours: 0, more: true };
    await forgetExpired(runner);
    const counts = await forgetCounts(runner, nowMs - this.settings.days * DAY_MS, COUNTS_PER_RUN);
    const { hours, more } = await condenseCounts(runner, nowMs);
    const isBounded = payloads >= PAYLOADS_PER_RUN || counts >= COUNTS_PER_RUN;
    return { dropped, owed, inUse, payloads, counts, hours, more: more || isBounded };
  }

  private async dropOld(
    runner: QueryRunner,
    partitions: readonly Partition[],
    nowMs: number,
    stop: AbortSignal,
  ): Promise<Pick<RetentionReport, 'dropped' | 'owed' | 'inUse'>> {
    const dropped: string[] = [];
    const owed: string[] = [];
    for (const partition of partitions) {
      if (stop.aborted) break;
      if (partition.dayMs + DAY_MS > nowMs - this.settings.days * DAY_MS) continue;
      if (partition.state === 'attached' && (await isOwed(runner, partition))) {
        owed.push(partition.name);
        continue;
      }
      // Later ones stay as well: of one day, events have to go before their deliveries.
      if (!(await drop(runner, partition))) return { dropped, owed, inUse: partition.name };
      dropped.push(partition.name);
    }
    return { dropped, owed, inUse: null };
  }

  /**
   * The partitions with payloads past their retention, also those that were kept because something is owed: one held delivery must not keep
   * the payloads of all stores.
   */
  private pastPayloads(partitions: readonly Partition[], nowMs: number): Partition[] {
    const untilMs = nowMs - this.settings.payloadDays * DAY_MS;
    return partitions.filter(
      ({ table, state, dayMs }) => table === 'events' && state === 'attached' && dayMs + DAY_MS <= untilMs,
    );
  }
}

const LOCK_KEY = `hashtext('signpost retention')`;

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const [row] = await rowsOf<{ taken: boolean }>(runner, `SELECT pg_try_advisory_lock(${LOCK_KEY}) AS taken`);
  return row?.taken === true;
}

/**
 * Daily partitions, oldest first, and tables that an interrupted run has left behind. Of one day, events come before deliveries: an event
 * without its deliveries would look like one that no webhook wanted.
 */
async function partitionsOf(runner: QueryRunner): Promise<Partition[]> {
  const names = PARTITIONED_TABLES.map(({ table }) => table).join('|');
  const rows = await rowsOf<{ name: string; attached: boolean; detaching: boolean }>(
    runner,
    `SELECT c.relname AS name, i.inhrelid IS NOT NULL AS attached, coalesce(i.inhdetachpending, false) AS detaching
     FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname ~ $1
     ORDER BY right(c.relname, 8), c.relname DESC`,
    [`^(${names})_[0-9]{8}$`],
  );
  return rows.map(({ name, attached, detaching }) => ({
    name,
    table: name.slice(0, -9),
    dayMs: Date.parse(`${name.slice(-8, -4)}-${name.slice(-4, -2)}-${name.slice(-2)}T00:00:00Z`),
    state: detaching ? 'detaching' : attached ? 'attached' : 'detached',
  }));
}

/**
 * Whether somebody is still owed what a partition holds. A delivery is owed while it waits, for which there is an index, or is leased; an
 * event also while its batch is not fanned out. Attempts are owed to nobody.
 *
 * The events and the deliveries of a day are kept together, whichever of them is owed: an event that is kept and lacks its deliveries looks
 * like one that no webhook wanted. The last events of a day are fanned out after midnight, so deliveries also stay for the events of the
 * day before.
 */
async function isOwed(runner: QueryRunner, { table, dayMs }: Partition): Promise<boolean> {
  if (table === 'attempts') return false;
  const fromMs = table === 'deliveries' ? dayMs - DAY_MS : dayMs;
  const [row] = await rowsOf<{ owed: boolean }>(
    runner,
    `SELECT EXISTS (SELECT FROM deliveries WHERE waiting AND id >= $1 AND id < $2)
         OR EXISTS (SELECT FROM deliveries WHERE waiting AND event_id >= $1 AND event_id < $2)
         OR EXISTS (SELECT FROM leases l CROSS JOIN unnest(l.delivery_ids) AS u(id) JOIN deliveries d ON d.id = u.id
                    WHERE (d.id >= $1 AND d.id < $2) OR (d.event_id >= $1 AND d.event_id < $2))
         OR EXISTS (SELECT FROM outbox o CROSS JOIN unnest(o.event_ids) AS u(id) WHERE u.id >= $1 AND u.id < $2) AS owed`,
    [idLowerBound(fromMs), idLowerBound(dayMs + DAY_MS)],
  );
  return row?.owed !== false;
}

/**
 * Drops a partition. CONCURRENTLY waits for whoever is using the partition, while everybody else goes on.
 *
 * @returns whether it is gone; it is not when others use it for longer than the lock timeout, such as a backup
 */
async function drop(runner: QueryRunner, { table, name, state }: Partition): Promise<boolean> {
  try {
    if (state === 'attached') await runner.query(`ALTER TABLE ${table} DETACH PARTITION ${name} CONCURRENTLY`);
    if (state === 'detaching') await runner.query(`ALTER TABLE ${table} DETACH PARTITION ${name} FINALIZE`);
    await runner.query(`DROP TABLE ${name}`);
    return true;
  } catch (error) {
    if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === LOCK_TIMEOUT_CODE)
      return false;
    throw error;
  }
}

async function rowsOf<Row>(runner: QueryRunner, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return runner.query(sql, [...values]) as Promise<Row[]>;
}
