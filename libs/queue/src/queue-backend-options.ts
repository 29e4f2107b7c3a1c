import type { QueueBackendOptions, RedisAddress } from './queue-backend';

/**
 * Where the jobs are kept. The prefix and the schema are the same in every process, so that all processes use the same queues.
 *
 * @param redis - null: the jobs are in PostgreSQL
 * @param databasePoolSize - PostgreSQL connections of this process's queue; Redis needs none of them
 */
export function queueBackendOptions(
  redis: RedisAddress | null,
  databaseUrl: string,
  databasePoolSize: number,
): QueueBackendOptions {
  const redisPrefix = redis?.isCluster === true ? '{signpost}' : 'signpost';
  return { redis, databaseUrl, redisPrefix, databaseSchema: QUEUE_SCHEMA, databasePoolSize };
}

/** The PostgreSQL schema of the queue's own tables. */
export const QUEUE_SCHEMA = 'signpost_queue';
