import type { IQueueBackend, QueueBaseOptions } from 'bullmq';

/** Where the jobs live. Two kinds, one contract; nothing outside this library asks which one it is. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** What BullMQ's queues (`producer`) and workers run on. They share this backend's connections and do not close them. */
  connect(queue: string, options: QueueBaseOptions<unknown>, role: 'producer' | 'worker'): IQueueBackend;
  /** Whether a command could be sent now. Answers at once, without asking the server. */
  isConnected(): boolean;
  /** Asks the server for a sign of life, by every way that this process adds and takes jobs. @throws when it gives none. */
  ping(): Promise<void>;
  /** Ends every connection, also the workers'. Commands still under way fail. */
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
  /** What every key in Redis begins with; in a cluster a hash tag, for BullMQ needs all keys of a queue in one slot. */
  readonly redisPrefix: string;
  /** The PostgreSQL schema of the queue's tables; the `migrate` command makes it. */
  readonly databaseSchema: string;
  /** How many PostgreSQL connections the queue may hold in this process, at least 2. Redis needs none of them. */
  readonly databasePoolSize: number;
}
