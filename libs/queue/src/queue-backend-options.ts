import type { QueueBackendOptions } from './queue-backend';

/**
 * Where the jobs live. The names are the same in every process, or they would not meet.
 *
 * @param databasePoolSize - PostgreSQL connections of this process's queue; Redis needs none of them
 */
export function queueBackendOptions(
  redisUrl: string | null,
  databaseUrl: string,
  databasePoolSize: number,
): QueueBackendOptions {
  return { redisUrl, databaseUrl, redisPrefix: 'signpost', databaseSchema: QUEUE_SCHEMA, databasePoolSize };
}

/** The PostgreSQL schema of the queue's own tables. */
export const QUEUE_SCHEMA = 'signpost_queue';
