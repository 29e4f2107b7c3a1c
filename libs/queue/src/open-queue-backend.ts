import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendFactory, IQueueBackend } from 'bullmq';
import { PostgresBackend } from './postgres-backend';
import type { QueueBackend, QueueBackendOptions } from './queue-backend';
import type { FaultListener } from './queue-fault';
import { RedisBackend } from './redis-backend';

/** How long a worker rests after a failed fetch. BullMQ alone would ask again at once, as fast as a server in trouble can refuse. */
const FETCH_REST_MS = 1_000;

/**
 * Opens the backend that the options name.
 * Redis need not be up: until it is, producers fail fast and workers wait. PostgreSQL must be up, with the queue's tables in place.
 *
 * @throws SignpostError `bad_configuration` when the queue's tables are missing or older than this version
 */
export async function openQueueBackend(options: QueueBackendOptions, onFault: FaultListener): Promise<QueueBackend> {
  if (options.redis === null) return PostgresBackend.open(options, onFault);
  return RedisBackend.open(options.redis, options.redisPrefix, onFault);
}

/**
 * BullMQ's backend factory. The `connection` option of a queue or worker is one of our backends, which makes the connection that the queue
 * or worker uses. The factory keeps no state, so one process may use several backends.
 */
export const createBullBackend: BackendFactory<IQueueBackend, QueueBackend> = (queue, options, kind = {}) => {
  if (kind.withBlockingConnection !== true) return options.connection.connect(queue, options, 'producer');
  const backend = options.connection.connect(queue, options, 'worker');
  const fetchJob = backend.moveToActive.bind(backend);
  backend.moveToActive = async (token, name) => {
    try {
      return (await fetchJob(token, name)) as unknown[];
    } catch (error) {
      await sleep(FETCH_REST_MS);
      throw error;
    }
  };
  return backend;
};
