import type { Config } from '@signpost/config';
import { checkSchema, compareKeyRing, createDataSource, readSystemState, SqlClient } from '@signpost/database';
import { type KeyRing, SignpostError } from '@signpost/domain';
import { settingOf } from '../local/local-settings';
import { asDatabaseFault, lookAtDatabase, openDatabase } from '../local/open-database';
import { lookAtQueueTables, lookAtRedis } from '../local/look-at-queue';
import { EmbeddedPostgresError } from '../services/embedded-postgres-error';
import { readPostgresState } from '../services/postgres-home';
import { checkSessions } from './check-sessions';
import { bad, type Finding, good } from './finding';

/**
 * How far the clocks may differ. Ids, due times and signatures follow PostgreSQL's clock; charts, sessions and logs follow the machine's.
 */
const CLOCK_APART_MS_MAX = 2_000;

/** Looks at PostgreSQL, its clock, the tables and what is in them, and the queue, as far as each can be reached. */
export async function checkServices(env: NodeJS.ProcessEnv, config: Config): Promise<readonly Finding[]> {
  const isEmbedded = settingOf(env, 'DATABASE_URL') === undefined;
  const findings: Finding[] = [];
  try {
    if (isEmbedded && (await readPostgresState(config.dataDir)).port === undefined) {
      return [good(`Database: an embedded PostgreSQL, which the first \`signpost up\` makes in ${config.dataDir}`)];
    }
    const database = await openDatabase({ env, dataDir: config.dataDir, say: () => undefined });
    try {
      findings.push(...(await checkDatabase(database.url, isEmbedded, config.security.keyRing)));
      if (database.url !== config.database.url && !isEmbedded) await lookAtDatabase(config.database.url);
      findings.push(await checkQueue(config.redis, database.url));
    } catch (error) {
      throw asDatabaseFault(error, database.url);
    } finally {
      await database.close();
    }
  } catch (error) {
    findings.push(badDatabase(error));
  }
  return findings;
}

async function checkDatabase(url: string, isEmbedded: boolean, keyRing: KeyRing): Promise<readonly Finding[]> {
  const { version, clockAheadMs } = await lookAtDatabase(url);
  const apartMs = Math.round(Math.abs(clockAheadMs));
  const clock = `Clock: ${apartMs} ms apart from PostgreSQL's`;
  return [
    good(`Database: PostgreSQL ${version}${isEmbedded ? ', embedded' : ''}`),
    apartMs <= CLOCK_APART_MS_MAX ? good(clock) : bad(clock, 'Set the clocks of both machines by NTP.'),
    ...(isEmbedded ? [] : await checkSessions(url)),
    ...(await checkTables(url, keyRing)),
  ];
}

async function checkTables(url: string, keyRing: KeyRing): Promise<readonly Finding[]> {
  const dataSource = createDataSource({ url, poolSize: 1, applicationName: 'signpost-cli' });
  await dataSource.initialize();
  try {
    const newer = await checkSchema(dataSource).catch(problemOf);
    if (newer instanceof SignpostError) return [bad('Tables: not at this version', 'Run `signpost migrate`.')];
    const tables =
      newer.length === 0
        ? good('Tables: at this version')
        : bad('Tables: at a newer version than this one', 'Run the version of Signpost that migrated them.');
    const sql = new SqlClient(dataSource);
    return [tables, await checkKeys(sql, keyRing), await checkWorkers(sql)];
  } finally {
    await dataSource.destroy();
  }
}

async function checkKeys(sql: SqlClient, keyRing: KeyRing): Promise<Finding> {
  const problem = await compareKeyRing(sql, keyRing).catch(problemOf);
  if (problem === undefined) return good('Key ring: opens what is stored');
  return bad(`Key ring: ${problem.publicMessage}`, 'Set the keys again that this database was used with.');
}

/** The error when it is a problem that a person can fix. @throws any other error */
function problemOf(error: unknown): SignpostError {
  if (error instanceof SignpostError) return error;
  throw error;
}

/** Checks whether workers are at work. A worker that has ended counts until its lease lapses. */
async function checkWorkers(sql: SqlClient): Promise<Finding> {
  const { workers, outbox, oldestDueAt } = await readSystemState(sql);
  const alive = workers.filter((worker) => worker.alive).length;
  if (alive > 0) return good(`Workers: ${alive} at work`);
  if (outbox.batches === 0 && oldestDueAt === null) return good('Workers: none is at work, and nothing waits for one');
  return bad(
    'Workers: none is at work, and events or deliveries wait for one',
    'Start one, and look in its log for why it ended.',
  );
}

async function checkQueue(redis: Config['redis'], databaseUrl: string): Promise<Finding> {
  try {
    await (redis === null ? lookAtQueueTables(databaseUrl) : lookAtRedis(redis));
    return good(redis === null ? 'Queue: in PostgreSQL' : 'Queue: Redis answers');
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    return bad(`Queue: ${error.publicMessage}`, queueAdvice(error, redis));
  }
}

function queueAdvice({ code }: SignpostError, redis: Config['redis']): string {
  if (code === 'bad_configuration') return 'Run `signpost migrate`.';
  return redis === null
    ? 'Mend DATABASE_URL; where it leads to a pooler, set SIGNPOST_DATABASE_DIRECT_URL.'
    : 'Start Redis there, or mend or unset REDIS_URL.';
}

function badDatabase(error: unknown): Finding {
  if (error instanceof EmbeddedPostgresError) {
    return bad(`Database: ${error.message}`, 'Mend what it names, or set DATABASE_URL to a PostgreSQL of your own.');
  }
  if (!(error instanceof SignpostError)) throw error;
  return bad(`Database: ${error.publicMessage}`, 'Start PostgreSQL there, or mend DATABASE_URL.');
}
