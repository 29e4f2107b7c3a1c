import { DataSource } from 'typeorm';
import { ApiKeyEntity } from './entities/api-key.entity';
import { AuditEntryEntity } from './entities/audit-entry.entity';
import { RecoveryEntity } from './entities/recovery.entity';
import { StoreEntity } from './entities/store.entity';
import { WebhookEntity } from './entities/webhook.entity';
import { MIGRATIONS } from './migrations';
import { SteadyClient } from './sql/steady-client';

/** How to reach PostgreSQL, and how many connections one process may hold. */
export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** How long to wait for a connection before a call fails. */
  readonly connectTimeoutMs?: number;
  /** No statement of ours needs longer; the server ends one that does. 0: without a limit. */
  readonly statementTimeoutMs?: number;
}

/**
 * How long after its time limit a statement may be unanswered: a server that does not even report that limit is gone, though the connection
 * stands.
 */
const SILENCE_MS = 2_000;

/**
 * Statements look rows up by key, and read logs in the order of an index. Their tables grow by thousands of rows a second, faster than the
 * planner's statistics, by which a new partition is empty and a log is sorted quickly: reading and sorting whole tables looks cheap to it,
 * but is not. For the same reason a join with such a table also names the rows that it wants (`id = ANY (ARRAY(SELECT …))`); otherwise the
 * whole table would be hashed. Each prepared statement is planned once per connection, for any parameters: planning over some ten
 * partitions takes longer than running most statements, and by default PostgreSQL would plan them anew each time. None runs long enough to
 * be worth compiling.
 */
const PLANNING = '-c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan -c jit=off';

/**
 * After this time, half a lease, PostgreSQL ends an idle transaction: a process that is frozen in one holds locks for which others wait.
 */
const FROZEN_MS = 5_000;

/** Makes the one data source of a process; `initialize()` connects it. `synchronize` is off: migrations alone change the schema. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const { statementTimeoutMs = 30_000 } = options;
  return new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    poolSize: options.poolSize,
    synchronize: false,
    migrationsRun: false,
    logging: false,
    entities: [StoreEntity, ApiKeyEntity, WebhookEntity, AuditEntryEntity, RecoveryEntity],
    migrations: [...MIGRATIONS],
    migrationsTableName: 'signpost_migrations',
    connectTimeoutMS: options.connectTimeoutMs ?? 5_000,
    extra: {
      Client: SteadyClient,
      query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + SILENCE_MS,
      // Idle connections are kept: opening one, and planning the usual statements on it, makes all others wait for 0.2 s.
      idleTimeoutMillis: 0,
      keepAlive: true,
      options: `${PLANNING} -c statement_timeout=${statementTimeoutMs} -c idle_in_transaction_session_timeout=${FROZEN_MS}`,
    },
  });
}
