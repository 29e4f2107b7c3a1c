import { createRedisBackend, type IQueueBackend, type QueueBaseOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { QueueBackend } from './queue-backend';
import type { FaultListener } from './queue-fault';
import { queueUnavailable } from './within-deadline';

const RECONNECT_MS_MAX = 2_000;
/**
 * A server that leaves a command unanswered for this long counts as gone: the connection is dropped, and what waited on it fails
 * (a producer's) or is sent again by the next one (a worker's). A connection on which nothing is asked may be silent for ever.
 */
const SILENCE_MS_MAX = {
  producer: 2_000,
  worker: 5_000,
  // Longer than BullMQ ever has Redis wait for a job, which is 10 s, and than the second that it gives the answer.
  waiting: 15_000,
} as const;
/** How long the start waits for Redis, so that a process that starts beside a healthy one does not fail its first calls. */
const FIRST_CONNECTION_MS_MAX = 1_000;

const RECONNECTING_FOR_EVER = {
  retryStrategy: (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX),
  connectTimeout: 5_000,
  keepAlive: 10_000,
} satisfies RedisOptions;

/** A producer's command is sent now or fails now: nothing is kept for later, so an outage costs no memory. */
const FAILING_FAST = {
  ...RECONNECTING_FOR_EVER,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  socketTimeout: SILENCE_MS_MAX.producer,
} satisfies RedisOptions;

/** A worker's commands wait until Redis is back; there are never more of them than jobs in work. */
const PATIENT = {
  ...RECONNECTING_FOR_EVER,
  maxRetriesPerRequest: null,
  socketTimeout: SILENCE_MS_MAX.worker,
} satisfies RedisOptions;

/** BullMQ copies the worker's client for each blocking connection; the copies are ours to end. */
class WorkerRedis extends Redis {
  private readonly copies: Redis[] = [];
  private ended = false;

  constructor(
    url: string,
    private readonly onError: (error: Error) => void,
  ) {
    super(url, PATIENT);
    this.on('error', onError);
  }

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const copy = super.duplicate({ ...override, socketTimeout: SILENCE_MS_MAX.waiting });
    copy.on('error', this.onError);
    // BullMQ ends a blocking connection to interrupt it and opens it anew; it may do so when all is over.
    copy.on('connect', () => {
      if (this.ended) copy.disconnect();
    });
    this.copies.push(copy);
    return copy;
  }

  disconnectAll(): void {
    this.ended = true;
    for (const copy of this.copies) copy.disconnect();
    this.disconnect();
  }
}

/** Jobs in Redis: one connection for all producers of a process, one for all workers, and one blocking one per worker. */
export class RedisBackend implements QueueBackend {
  readonly kind = 'redis';
  private readonly producer: Redis;
  private worker: WorkerRedis | null = null;
  private readonly onError: (error: Error) => void;

  private constructor(
    private readonly url: string,
    private readonly prefix: string,
    onFault: FaultListener,
  ) {
    this.onError = (error) => onFault({ kind: 'backend', queue: null, error });
    this.producer = new Redis(url, FAILING_FAST);
    this.producer.on('error', this.onError);
  }

  /** Resolves once connected, or after a second: Redis may come later. */
  static async open(url: string, prefix: string, onFault: FaultListener): Promise<RedisBackend> {
    const backend = new RedisBackend(url, prefix, onFault);
    await backend.firstConnection();
    return backend;
  }

  connect(queue: string, options: QueueBaseOptions<unknown>, role: 'producer' | 'worker'): IQueueBackend {
    const shared = { ...options, prefix: this.prefix };
    switch (role) {
      case 'producer':
        // Without a command of BullMQ's own at the start there is none that could fail and spoil the queue for good.
        return createRedisBackend(queue, {
          ...shared,
          connection: this.producer,
          skipVersionCheck: true,
          skipWaitingForReady: true,
        });
      case 'worker':
        this.worker ??= new WorkerRedis(this.url, this.onError);
        return createRedisBackend(queue, { ...shared, connection: this.worker }, { withBlockingConnection: true });
    }
  }

  isConnected(): boolean {
    return this.producer.status === 'ready';
  }

  async ping(): Promise<void> {
    await Promise.all([this.producer, ...(this.worker === null ? [] : [this.worker])].map(pingNow));
  }

  async close(): Promise<void> {
    this.producer.disconnect();
    this.worker?.disconnectAll();
  }

  private async firstConnection(): Promise<void> {
    if (this.isConnected()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONNECTION_MS_MAX);
      this.producer.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** @throws when the client is not connected, where it would keep the question until it is */
async function pingNow(client: Redis): Promise<void> {
  if (client.status !== 'ready') throw queueUnavailable(`A connection to Redis is ${client.status}`);
  await client.ping();
}
