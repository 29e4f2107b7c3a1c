import type { IQueueBackend, QueueBaseOptions } from 'bullmq';

/** Where the jobs are kept. There are two kinds with one contract; no code outside this library asks which one it uses. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** Makes the BullMQ backend of one queue (`producer`) or worker. Queues and workers share the connections, and do not close them. */
  connect(queue: string, options: QueueBaseOptions<unknown>, role: 'producer' | 'worker'): IQueueBackend;
  /** Whether a command could be sent now. Answers at once, without asking the server. */
  isConnected(): boolean;
  /** Asks the server for a sign of life, over every kind of connection by which this process adds and takes jobs. @throws without one */
  ping(): Promise<void>;
  /** Ends every connection, including those of the workers. Commands still under way fail. */
  close(): Promise<void>;
}

/** Where Redis is. */
export interface RedisAddress {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** The server there is a node of a Redis Cluster; the others are found through it. */
  readonly isCluster: boolean;
}

export interface QueueBackendOptions {
  /** Null: the jobs live in PostgreSQL. */
  readonly redis: RedisAddress | null;
  readonly databaseUrl: string;
  /** The beginning of every key in Redis; in a cluster it is a hash tag, because BullMQ needs all keys of a queue in one slot. */
  readonly redisPrefix: string;
  /** The PostgreSQL schema of the queue's tables; the `migrate` command makes it. */
  readonly databaseSchema: string;
  /** How many PostgreSQL connections the queue may hold in this process, at least 2. Redis needs none of them. */
  readonly databasePoolSize: number;
}
