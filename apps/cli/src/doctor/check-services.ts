import type { Config } from '@signpost/config';
import { checkSchema, createDataSource } from '@signpost/database';
import { SignpostError } from '@signpost/domain';
import { settingOf } from '../local/local-settings';
import { lookAtDatabase, openDatabase } from '../local/open-database';
import { lookAtQueueTables, lookAtRedis } from '../local/look-at-queue';
import { EmbeddedPostgresError } from '../services/embedded-postgres-error';
import { readPostgresState } from '../services/postgres-home';
import { bad, type Finding, good } from './finding';

/** Ids, due times and signatures follow PostgreSQL's clock; charts, sessions and logs that of the machine. */
const CLOCK_APART_MS_MAX = 2_000;

/** Looks at PostgreSQL, its clock, the tables, and the queue, as far as each can be reached. */
export async function checkServices(env: NodeJS.ProcessEnv, config: Config): Promise<readonly Finding[]> {
  const isEmbedded = settingOf(env, 'DATABASE_URL') === undefined;
  if (isEmbedded && (await readPostgresState(config.dataDir)).port === undefined) {
    return [good(`Database: an embedded PostgreSQL, which the first \`signpost up\` makes in ${config.dataDir}`)];
  }
  const findings: Finding[] = [];
  try {
    const database = await openDatabase({ env, dataDir: config.dataDir, say: () => undefined });
    try {
      findings.push(...(await checkDatabase(database.url, isEmbedded)));
      if (database.url !== config.database.url && !isEmbedded) await lookAtDatabase(config.database.url);
      findings.push(await checkQueue(config.redis, database.url));
    } finally {
      await database.close();
    }
  } catch (error) {
    findings.push(badDatabase(error));
  }
  return findings;
}

async function checkDatabase(url: string, isEmbedded: boolean): Promise<readonly Finding[]> {
  const { version, clockAheadMs } = await lookAtDatabase(url);
  const apartMs = Math.round(Math.abs(clockAheadMs));
  const clock = `Clock: ${apartMs} ms apart from PostgreSQL's`;
  return [
    good(`Database: PostgreSQL ${version}${isEmbedded ? ', embedded' : ''}`),
    apartMs <= CLOCK_APART_MS_MAX ? good(clock) : bad(clock, 'Set the clocks of both machines by NTP.'),
    await checkTables(url),
  ];
}

async function checkTables(url: string): Promise<Finding> {
  const dataSource = createDataSource({ url, poolSize: 1, applicationName: 'signpost-cli' });
  await dataSource.initialize();
  try {
    await checkSchema(dataSource);
    return good('Tables: at this version');
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    return bad('Tables: not at this version', 'Run `signpost migrate`.');
  } finally {
    await dataSource.destroy();
  }
}

async function checkQueue(redis: Config['redis'], databaseUrl: string): Promise<Finding> {
  try {
    await (redis === null ? lookAtQueueTables(databaseUrl) : lookAtRedis(redis));
    return good(redis === null ? 'Queue: in PostgreSQL' : 'Queue: Redis answers');
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    const advice =
      error.code === 'bad_configuration' ? 'Run `signpost migrate`.' : 'Start Redis there, or mend or unset REDIS_URL.';
    return bad(`Queue: ${error.publicMessage}`, advice);
  }
}

function badDatabase(error: unknown): Finding {
  if (error instanceof EmbeddedPostgresError) {
    return bad(`Database: ${error.message}`, 'Mend what it names, or set DATABASE_URL to a PostgreSQL of your own.');
  }
  if (!(error instanceof SignpostError)) throw error;
  return bad(`Database: ${error.publicMessage}`, 'Start PostgreSQL there, or mend DATABASE_URL.');
}
