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
 * A server that leaves a command unanswered for this long counts as gone, and the connection is dropped. Commands of a producer then fail;
 * commands of a worker are sent again on the next connection. A connection without unanswered commands may be silent for ever.
 */
const SILENCE_MS_MAX = {
  producer: 2_000,
  worker: 5_000,
  // BullMQ lets Redis wait for a job for 10 s at most, and gives the answer one more second.
  waiting: 15_000,
} as const;
/** How long the start waits for Redis, so that the first calls of a process do not fail when Redis is healthy. */
const FIRST_CONNECTION_MS_MAX = 1_000;

const RECONNECTING_FOR_EVER = {
  retryStrategy: (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_MS_MAX),
  connectTimeout: 5_000,
  keepAlive: 10_000,
} satisfies RedisClientOptions;

/** A producer's command is sent now or fails now. No command is kept for later, so an outage costs no memory. */
const FAILING_FAST = {
  ...RECONNECTING_FOR_EVER,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  socketTimeout: SILENCE_MS_MAX.producer,
} satisfies RedisClientOptions;

/** A worker's commands wait until Redis is back. Never more commands wait than jobs are in work. */
const PATIENT = {
  ...RECONNECTING_FOR_EVER,
  maxRetriesPerRequest: null,
  socketTimeout: SILENCE_MS_MAX.worker,
} satisfies RedisClientOptions;

/** The workers' client, and the copies that BullMQ makes of it, one for each blocking connection. This class ends all of them. */
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
    // BullMQ interrupts a blocking connection by ending it and opening it again. It may open it even after `disconnectAll`.
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

  /** Resolves when it is connected, or after a second: Redis may come up later. */
  static async open(address: RedisAddress, prefix: string, onFault: FaultListener): Promise<RedisBackend> {
    const backend = new RedisBackend(address, prefix, onFault);
    await backend.firstConnection();
    return backend;
  }

  connect(queue: string, options: QueueBaseOptions<unknown>, role: 'producer' | 'worker'): IQueueBackend {
    const shared = { ...options, prefix: this.prefix };
    switch (role) {
      case 'producer':
        // BullMQ sends no commands of its own at the start: if one failed, the queue could never be used.
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
      // The client of a cluster connects to the server that has the queue's keys only when it is asked for one of them.
      this.producer.once('ready', () => void this.askNow(this.producer).then(connected, () => undefined));
    });
  }

  /**
   * Removes a key that does not exist: a replica refuses a write, although it would answer a read. In a cluster, the server that has the
   * queue's keys answers.
   *
   * @throws when the client is not connected: it would keep the command until it is
   */
  private async askNow(client: RedisClient): Promise<void> {
    if (client.status !== 'ready') throw queueUnavailable(`A connection to Redis is ${client.status}`);
    await client.del(this.prefix);
  }
}
