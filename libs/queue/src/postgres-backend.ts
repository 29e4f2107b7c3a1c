import {
  assertSchemaCompatibility,
  LATEST_SCHEMA_VERSION,
  PostgresConnection,
  PostgresQueueBackend,
  quoteSchemaName,
  SchemaMigrationRequiredError,
  type IQueueBackend,
  type PgPoolClient,
  type QueueBaseOptions,
} from 'bullmq';
import { SignpostError } from '@signpost/domain';
import type { QueueBackend, QueueBackendOptions } from './queue-backend';
import type { FaultListener } from './queue-fault';

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

const STATEMENT_MS_MAX = 10_000;

/** BullMQ's pool and its listening client, shared by all queues and workers of a process; no single one of them ends it. */
class SharedConnection extends PostgresConnection {
  private listener: ListenClient | null = null;

  constructor(options: QueueBackendOptions) {
    super({
      connectionString: options.databaseUrl,
      schema: options.databaseSchema,
      application_name: 'signpost-queue',
      // The listening client stands outside of the pool.
      max: options.databasePoolSize - 1,
      connectionTimeoutMillis: 5_000,
      // As the other pool: a connection that is opened in a burst keeps others waiting.
      idleTimeoutMillis: 0,
      statement_timeout: STATEMENT_MS_MAX,
      // A server that does not even say that a statement took too long is gone, though its connection stands.
      query_timeout: STATEMENT_MS_MAX + 2_000,
      keepAlive: true,
      // Nobody waits for the disk: a job is a hint, and what a crash of PostgreSQL takes of the queue's last moments the sweep brings back.
      // As a start-up option, which a pooler does not hand on to somebody who has to wait.
      options: '-c synchronous_commit=off',
      // BullMQ sets the path by a start-up option, too, which one in the URL would replace.
      onConnect: (client: PgPoolClient) => {
        // Lost in the moment in which it goes from one caller to the next, it would end the process.
        client.on('error', () => undefined);
        return client.query(`SET search_path TO ${quoteSchemaName(options.databaseSchema)}`);
      },
    });
    // Each worker subscribes to this connection's few events.
    this.setMaxListeners(0);
  }

  /** All workers subscribe through this one client, at the same moment when they start; the driver wants them one by one. */
  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (client !== this.listener) {
      this.listener = client;
      client.query = oneByOne(client.query.bind(client));
    }
    return client;
  }

  /** Makes a worker look for jobs every 10 s even when a notification got lost; BullMQ would trust it for an hour. */
  override get hasListenClientKeepAlive(): boolean {
    return false;
  }

  override async close(): Promise<void> {}

  async end(): Promise<void> {
    await super.close();
  }
}

function oneByOne(query: ListenClient['query']): ListenClient['query'] {
  let last: Promise<unknown> = Promise.resolve();
  return (text, params) => {
    const result = last.then(() => query(text, params));
    last = result.catch(() => undefined);
    return result;
  };
}

/** Jobs in PostgreSQL, in a schema of their own. */
export class PostgresBackend implements QueueBackend {
  readonly kind = 'postgres';
  private closed = false;

  private constructor(private readonly connection: SharedConnection) {}

  /**
   * Opens the backend after a look at its tables.
   *
   * @throws SignpostError `bad_configuration` when they are missing or older than this version; the driver's error when
   *   PostgreSQL cannot be reached
   */
  static async open(options: QueueBackendOptions, onFault: FaultListener): Promise<PostgresBackend> {
    const connection = new SharedConnection(options);
    connection.on('error', (error: Error) => onFault({ kind: 'backend', queue: null, error }));
    try {
      await assertMigrated(connection);
    } catch (error) {
      await connection.end();
      throw error;
    }
    return new PostgresBackend(connection);
  }

  connect(queue: string, options: QueueBaseOptions<unknown>, role: 'producer' | 'worker'): IQueueBackend {
    const shared = { ...options, connection: this.connection.pool };
    // A worker's backend "owns" the connection in that it hears when the listening client has to be replaced.
    return new PostgresQueueBackend(this.connection, queue, shared, role === 'worker');
  }

  isConnected(): boolean {
    return !this.closed;
  }

  async ping(): Promise<void> {
    await this.connection.pool.query('SELECT 1');
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.connection.end();
  }
}

async function assertMigrated({ pool, schema }: SharedConnection): Promise<void> {
  const version = await assertSchemaCompatibility(pool, schema).catch((error: unknown) => {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  });
  if (version >= LATEST_SCHEMA_VERSION) return;
  throw new SignpostError(
    'bad_configuration',
    'The tables of the job queue are missing or old: run `signpost migrate`.',
    {
      internal: `Schema ${schema} is at version ${version}, version ${LATEST_SCHEMA_VERSION} is needed`,
    },
  );
}
