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

/** BullMQ's pool and its listening client, shared by all queues and workers of a process. `close` does nothing, so that none ends it. */
class SharedConnection extends PostgresConnection {
  private listener: ListenClient | null = null;

  constructor(options: QueueBackendOptions) {
    super({
      connectionString: options.databaseUrl,
      schema: options.databaseSchema,
      application_name: 'signpost-queue',
      // The listening client is not part of the pool.
      max: options.databasePoolSize - 1,
      connectionTimeoutMillis: 5_000,
      // Connections are not closed when idle, as in the other pool: to open one in a burst of work keeps everybody waiting.
      idleTimeoutMillis: 0,
      statement_timeout: STATEMENT_MS_MAX,
      // If the server does not even report that a statement took too long, it is gone, although the connection stands.
      query_timeout: STATEMENT_MS_MAX + 2_000,
      keepAlive: true,
      // Commits do not wait for the disk: a job is a hint, and the sweep brings back the newest jobs, which a crash of PostgreSQL may lose.
      // Set by a start-up option: a pooler does not pass it on to other clients, whose commits have to wait for the disk.
      options: '-c synchronous_commit=off',
      // BullMQ sets `search_path` by a start-up option, too, but options in the URL would replace it.
      onConnect: (client: PgPoolClient) => {
        // Without this, a connection that is lost just as it goes from one caller to the next would end the process.
        client.on('error', () => undefined);
        return client.query(`SET search_path TO ${quoteSchemaName(options.databaseSchema)}`);
      },
    });
    // Each worker subscribes to this connection's events, and there may be any number of workers.
    this.setMaxListeners(0);
  }

  /** All workers subscribe through this one client, at the same moment when they start. The driver takes queries only one by one. */
  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (client !== this.listener) {
      this.listener = client;
      client.query = oneByOne(client.query.bind(client));
    }
    return client;
  }

  /** Makes a worker look for jobs every 10 s, in case a notification got lost; otherwise BullMQ would trust notifications for an hour. */
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
   * Checks the queue's tables and opens the backend.
   *
   * @throws SignpostError `bad_configuration` when the tables are missing or older than this version; the driver's error when PostgreSQL
   *   cannot be reached
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
    // The last argument says that the backend owns the connection: a worker has to hear when the listening client must be replaced.
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
