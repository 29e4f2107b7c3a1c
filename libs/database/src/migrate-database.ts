import { checkSchema } from './check-schema';
import { createDataSource } from './data-source';
import { databaseNowMs } from './database-now';
import { ensurePartitions } from './upkeep/partitions';

/** What a migration did. */
export interface MigrationReport {
  /** Names of the migrations that ran; empty when the schema was current. */
  readonly migrations: readonly string[];
  /** Names of the migrations that a newer version ran before, and that stay. */
  readonly newer: readonly string[];
  /** Names of the partitions that were made. */
  readonly partitions: readonly string[];
}

/** One connection holds the lock while others do the work. */
const CONNECTIONS = 3;

/**
 * Brings the schema up to this version, and makes the partitions of the days ahead. Safe to run from several processes at once:
 * one does it, the others wait and find it done. The queue's own tables are made by `migrateQueue`.
 *
 * @throws the driver's error; migrations that had ended by then stay
 */
export async function migrateDatabase(options: { url: string }): Promise<MigrationReport> {
  const dataSource = createDataSource({
    url: options.url,
    poolSize: CONNECTIONS,
    applicationName: 'signpost-migrate',
    // There is no limit for a migration, nor for waiting until that of another process has ended.
    statementTimeoutMs: 0,
  });
  await dataSource.initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtext('signpost migrations'))`);
    const migrations = await dataSource.runMigrations({ transaction: 'each' });
    const partitions = await ensurePartitions(dataSource, await databaseNowMs(dataSource));
    return { migrations: migrations.map(({ name }) => name), newer: await checkSchema(dataSource), partitions };
  } finally {
    // The lock ends with its connection.
    await lock.release();
    await dataSource.destroy();
  }
}
