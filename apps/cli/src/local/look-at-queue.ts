import { SignpostError } from '@signpost/domain';
import { openQueueBackend, type QueueFault, queueBackendOptions, type RedisAddress } from '@signpost/queue';
import { asDatabaseFault } from './open-database';

const CONNECTIONS = 2;
/** Stands for the database's URL: only Redis is asked here, and no PostgreSQL. */
const NO_DATABASE = '';

/**
 * Asks Redis for a sign of life.
 *
 * @throws SignpostError `unavailable`: one line that names REDIS_URL, without the password
 */
export async function lookAtRedis(redis: RedisAddress): Promise<void> {
  const reasons: string[] = [];
  try {
    await ping(redis, NO_DATABASE, (fault) => {
      if (fault.kind === 'backend') reasons.push(reasonOf(fault.error));
    });
  } catch (cause) {
    const { hostname, port } = new URL(redis.url);
    const reason = reasons[0] === undefined ? '' : ` (${reasons[0]})`;
    const message = `REDIS_URL: Redis at ${hostname}:${port || '6379'} cannot be used${reason}.`;
    throw new SignpostError('unavailable', message, { cause });
  }
}

/**
 * Looks at the tables of a queue that lives in PostgreSQL.
 *
 * @throws SignpostError `bad_configuration` when they are missing or not at this version; `unavailable` when it cannot be reached
 */
export async function lookAtQueueTables(databaseUrl: string): Promise<void> {
  try {
    await ping(null, databaseUrl, () => undefined);
  } catch (error) {
    throw asDatabaseFault(error, databaseUrl);
  }
}

async function ping(redis: RedisAddress | null, databaseUrl: string, onFault: (fault: QueueFault) => void) {
  const backend = await openQueueBackend(queueBackendOptions(redis, databaseUrl, CONNECTIONS), onFault);
  try {
    await backend.ping();
  } finally {
    await backend.close();
  }
}

/** The code of the error, or its message where it has none: when several addresses failed, only the code is worth a line. */
function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.replace(/\.$/, '');
}
