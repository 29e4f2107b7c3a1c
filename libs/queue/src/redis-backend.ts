import { assertNever } from '@signpost/domain';
import {
  createIORedisClient,
  createRedisBackend,
  type IQueueBackend,
  type IRedisClient,
  type QueueBaseOptions,
} from 'bullmq';
import type { QueueBackend, RedisAddress } from './queue-backend';
import type { FaultListener } from './queue-fault';
import { openRedisClient, type RedisClient, type RedisClientOptions } from './redis-client';
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
} satisfies RedisClientOptions;

/** A producer's command is sent now or fails now: nothing is kept for later, so an outage costs no memory. */
const FAILING_FAST = {
  ...RECONNECTING_FOR_EVER,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  socketTimeout: SILENCE_MS_MAX.producer,
} satisfies RedisClientOptions;

/** A worker's commands wait until Redis is back; there are never more of them than jobs in work. */
const PATIENT = {
  ...RECONNECTING_FOR_EVER,
  maxRetriesPerRequest: null,
  socketTimeout: SILENCE_MS_MAX.worker,
} satisfies RedisClientOptions;

/** The workers' client, and BullMQ's copies of it, one for each blocking connection: they are ours to end. */
class WorkerClients {
  readonly client: RedisClient;
  private readonly copies: RedisClient[] = [];
  private ended = false;

  constructor(
    private readonly address: RedisAddress,
    private readonly onError: (error: Error) => void,
  ) {
    this.client = openRedisClient(address, PATIENT, onError);
  }

  /** The client as BullMQ sees it. */
  forBullMq(): IRedisClient {
    const client: IRedisClient = createIORedisClient(this.client);
    client.duplicate = ({ connectionName }: RedisClientOptions) => createIORedisClient(this.copy(connectionName));
    return client;
  }

  disconnectAll(): void {
    this.ended = true;
    for (const copy of this.copies) copy.disconnect();
    this.client.disconnect();
  }

  private copy(connectionName: RedisClientOptions['connectionName']): RedisClient {
    const options = { ...PATIENT, connectionName, socketTimeout: SILENCE_MS_MAX.waiting };
    const copy = openRedisClient(this.address, options, this.onError);
    // BullMQ ends a blocking connection to interrupt it and opens it anew; it may do so when all is over.
    copy.on('connect', () => {
      if (this.ended) copy.disconnect();
    });
    this.copies.push(copy);
    return copy;
  }
}

/** Jobs in Redis: one client for all producers of a process, one for all workers, and a blocking one per worker. */
export class RedisBackend implements QueueBackend {
  readonly kind = 'redis';
  private readonly producer: RedisClient;
  private workers: WorkerClients | null = null;
  private readonly onError: (error: Error) => void;

  private constructor(
    private readonly address: RedisAddress,
    private readonly prefix: string,
    onFault: FaultListener,
  ) {
    this.onError = (error) => onFault({ kind: 'backend', queue: null, error });
    this.producer = openRedisClient(address, FAILING_FAST, this.onError);
  }

  /** Resolves once connected, or after a second: Redis may come later. */
  static async open(address: RedisAddress, prefix: string, onFault: FaultListener): Promise<RedisBackend> {
    const backend = new RedisBackend(address, prefix, onFault);
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
        this.workers ??= new WorkerClients(this.address, this.onError);
        return createRedisBackend(
          queue,
          { ...shared, connection: this.workers.forBullMq() },
          { withBlockingConnection: true },
        );
      default:
        return assertNever(role);
    }
  }

  isConnected(): boolean {
    return this.producer.status === 'ready';
  }

  async ping(): Promise<void> {
    const clients = [this.producer, ...(this.workers === null ? [] : [this.workers.client])];
    await Promise.all(clients.map((client) => this.askNow(client)));
  }

  async close(): Promise<void> {
    this.producer.disconnect();
    this.workers?.disconnectAll();
  }

  private async firstConnection(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONNECTION_MS_MAX);
      const connected = () => {
        clearTimeout(timer);
        resolve();
      };
      // Only a question has a cluster's client connect to the server that has the queue's keys.
      this.producer.once('ready', () => void this.askNow(this.producer).then(connected, () => undefined));
    });
  }

  /**
   * Removes a key that nobody has: a replica refuses that, though it would answer a question. In a cluster it is answered by the server that
   * has the queue's keys.
   *
   * @throws when the client is not connected, where it would keep the question until it is
   */
  private async askNow(client: RedisClient): Promise<void> {
    if (client.status !== 'ready') throw queueUnavailable(`A connection to Redis is ${client.status}`);
    await client.del(this.prefix);
  }
}
