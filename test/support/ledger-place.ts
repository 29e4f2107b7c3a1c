import {
  createDataSource,
  PgClaimLedger,
  PgEventLog,
  PgFanOutLedger,
  PgLeaseLedger,
  PgResultLedger,
  PgSweepLedger,
  SqlClient,
} from '@signpost/database';
import type { Attempt, LeasedDelivery, NewDelivery, NewLease, NextState, Settlement } from '@signpost/delivery';
import {
  type ApiKeyId,
  type BatchId,
  type BreakerPolicy,
  type DeliveryId,
  type EventId,
  mintId,
  type StoreId,
  type WebhookId,
  type WorkerId,
} from '@signpost/domain';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from './test-database';

/** How a webhook of a test differs from one that simply works. */
export interface WebhookTraits {
  readonly enabled?: boolean;
  readonly keyActive?: boolean;
  readonly rateLimit?: number | null;
}

/** A delivery as the tests look at it. */
export interface DeliveryState {
  readonly id: DeliveryId;
  readonly status: string;
  readonly waiting: boolean;
  readonly lease_id: string | null;
  readonly attempts_made: number;
  readonly trigger: string;
  readonly last_error_code: string | null;
  readonly due_in_ms: number;
}

/** A gate as the tests look at it; times are milliseconds from now. */
export interface GateState {
  readonly due_in_ms: number | null;
  readonly open_for_ms: number | null;
  readonly failures: number;
  readonly openings: number;
  readonly permits: number;
}

const LEASE_MS = 60_000;

/** The ledgers on a database of their own, and the rows that a test begins with. */
export class LedgerPlace {
  readonly sql: SqlClient;
  readonly fanOuts: PgFanOutLedger;
  readonly claims: PgClaimLedger;
  readonly results: PgResultLedger;
  readonly leases: PgLeaseLedger;
  readonly sweeps: PgSweepLedger;
  readonly events: PgEventLog;

  private constructor(
    private readonly database: TestDatabase,
    readonly dataSource: DataSource,
    policy?: BreakerPolicy,
  ) {
    this.sql = new SqlClient(dataSource);
    this.fanOuts = new PgFanOutLedger(this.sql);
    this.claims = new PgClaimLedger(this.sql);
    this.results = new PgResultLedger(this.sql, policy);
    this.leases = new PgLeaseLedger(this.sql);
    this.sweeps = new PgSweepLedger(this.sql);
    this.events = new PgEventLog(this.sql);
  }

  static async open(policy?: BreakerPolicy, { timeZone = 'UTC' } = {}): Promise<LedgerPlace> {
    const database = await createTestDatabase();
    await database.setTimeZone(timeZone);
    const dataSource = createDataSource({ url: database.url, poolSize: 10, applicationName: 'signpost-ledger-test' });
    await dataSource.initialize();
    return new LedgerPlace(database, dataSource, policy);
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.database.drop();
  }

  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(text, [...values]);
  }

  /** Runs `work` while another transaction, which has run `statements`, is open; `commit` ends that transaction. */
  async beside<T>(
    statements: readonly [text: string, values: readonly unknown[]][],
    work: (commit: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const other = this.dataSource.createQueryRunner();
    try {
      await other.startTransaction();
      for (const [text, values] of statements) await other.query(text, [...values]);
      return await work(() => other.commitTransaction());
    } finally {
      if (other.isTransactionActive) await other.rollbackTransaction();
      await other.release();
    }
  }

  /** Resolves when `count` statements of this database, or more, wait for a lock. */
  async lockWaits(count: number): Promise<void> {
    for (;;) {
      const [row] = await this.query<{ waits: number }>(
        `SELECT count(*)::int AS waits FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if ((row?.waits ?? 0) >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async store(): Promise<StoreId> {
    const id = mintId('store', Date.now());
    await this.query(`INSERT INTO stores (id, key, name) VALUES ($1, $2, 'Shop')`, [id, `shop-${id}`]);
    return id;
  }

  async apiKey(storeId: StoreId, activated = true): Promise<ApiKeyId> {
    const id = mintId('apiKey', Date.now());
    await this.query(
      `INSERT INTO api_keys (id, store_id, description, key_hash, key_sealed, key_hint, secret_sealed, permissions, activated)
       VALUES ($1, $2, '', $4, '', '', '', '{}', $3)`,
      [id, storeId, activated, Buffer.from(id)],
    );
    return id;
  }

  async webhook(storeId: StoreId, traits: WebhookTraits = {}): Promise<WebhookId> {
    const { enabled = true, keyActive = true, rateLimit = null } = traits;
    const id = mintId('webhook', Date.now());
    await this.query(
      `INSERT INTO webhooks (id, store_id, url, event_types, api_key_id, enabled, rate_limit)
       VALUES ($1, $2, 'http://127.0.0.1:9/', '{order.create}', $3, $4, $5)`,
      [id, storeId, await this.apiKey(storeId, keyActive), enabled, rateLimit],
    );
    return id;
  }

  async worker(): Promise<WorkerId> {
    const id = mintId('worker', Date.now());
    await this.leases.register(id, LEASE_MS);
    return id;
  }

  /** Makes a worker's lease look as if it had lapsed a minute ago. */
  async lapse(workerId: WorkerId): Promise<void> {
    await this.query(`UPDATE workers SET leased_until = now() - interval '1 minute' WHERE id = $1`, [workerId]);
  }

  /** Makes a batch of `count` events of a store, which waits for its fan-out. */
  async batch(storeId: StoreId, count: number): Promise<{ batchId: BatchId; eventIds: EventId[] }> {
    const batchId = mintId('batch', Date.now());
    const eventIds = Array.from({ length: count }, () => mintId('event', Date.now()));
    await this.query(
      `WITH e AS (
         INSERT INTO events (id, store_id, batch_id, type, occurred_at, data)
         SELECT id, $2::uuid, $3::uuid, 'order.create', now(), '{}' FROM unnest($1::uuid[]) AS id
       ) INSERT INTO outbox (batch_id, event_type, event_ids) VALUES ($3::uuid, 'order.create', $1::uuid[])`,
      [eventIds, storeId, batchId],
    );
    return { batchId, eventIds };
  }

  /** Makes waiting deliveries of a webhook, which have been due for a second; so has its gate. */
  async waiting(storeId: StoreId, webhookId: WebhookId, count: number, columns: { status?: string } = {}) {
    const { eventIds } = await this.batch(storeId, 1);
    const ids = Array.from({ length: count }, () => mintId('delivery', Date.now()));
    await this.query(
      `INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, due_at)
       SELECT id, $2::uuid, $3::uuid, $4::uuid, 'order.create', $5::text, true, now() - interval '1 second' FROM unnest($1::uuid[]) AS id`,
      [ids, storeId, eventIds[0], webhookId, columns.status ?? 'queued'],
    );
    await this.query(`UPDATE gates SET due_at = now() - interval '1 second' WHERE webhook_id = $1`, [webhookId]);
    return ids;
  }

  /** Lets a worker claim due deliveries of a webhook. */
  async claim(webhookId: WebhookId, workerId: WorkerId, limit: number): Promise<readonly LeasedDelivery[]> {
    return (await this.claims.claim(webhookId, leaseOf(workerId), limit)).deliveries;
  }

  async deliveries(webhookId: WebhookId): Promise<DeliveryState[]> {
    return this.query(
      `SELECT id, status, waiting, lease_id, attempts_made, trigger, last_error_code,
              (extract(epoch FROM due_at - now()) * 1000)::float8 AS due_in_ms
       FROM deliveries WHERE webhook_id = $1 ORDER BY id`,
      [webhookId],
    );
  }

  async gate(webhookId: WebhookId): Promise<GateState> {
    const [gate] = await this.query<GateState>(
      `SELECT (extract(epoch FROM due_at - now()) * 1000)::float8 AS due_in_ms, failures, openings, permits,
              (extract(epoch FROM open_until - now()) * 1000)::float8 AS open_for_ms
       FROM gates WHERE webhook_id = $1`,
      [webhookId],
    );
    if (gate === undefined) throw new Error('The webhook has no gate.');
    return gate;
  }

  async count(
    table: 'leases' | 'workers' | 'outbox' | 'attempts' | 'deliveries' | 'idempotency_keys',
  ): Promise<number> {
    const [row] = await this.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    return row?.count ?? 0;
  }
}

/** A new lease of a worker. */
export function leaseOf(workerId: WorkerId): NewLease {
  return { leaseId: mintId('lease', Date.now()), workerId };
}

/** A delivery as a fan-out makes it. */
export function newDelivery(
  storeId: StoreId,
  eventId: EventId,
  webhookId: WebhookId,
  fate: NewDelivery['fate'],
): NewDelivery {
  const id = mintId('delivery', Date.now());
  return { id, storeId, eventId, webhookId, eventType: 'order.create', payloadUnits: 2, fate };
}

const TIMINGS = { dnsMs: null, connectMs: 1, tlsMs: null, firstByteMs: 2, totalMs: 3 };

/** A delivery that a fan-out leased, as the worker then holds it. */
export function leasedDelivery(
  { id, storeId, webhookId, eventId }: NewDelivery,
  { leaseId }: NewLease,
): LeasedDelivery {
  const event = { id: eventId, storeId, type: 'order.create', timestamp: '2026-01-01T00:00:00.000Z', data: '{}' };
  return { id, leaseId, storeId, webhookId, event, attemptsMade: 0, trigger: 'schedule', probe: false };
}

/** The settlement of a delivery after one attempt. */
export function settlementOf(delivery: LeasedDelivery, next: NextState): Settlement {
  const delivered = next.kind === 'delivered';
  const attempt: Attempt = {
    id: mintId('attempt', Date.now()),
    startedAtMs: Date.now(),
    request: { url: 'http://127.0.0.1:9/', headers: {} },
    result: {
      kind: 'response',
      response: { statusCode: delivered ? 200 : 500, headers: {}, body: '', bodyTruncated: false },
      timings: TIMINGS,
    },
    error: delivered ? null : { code: 'http_error', message: 'It failed.' },
  };
  return { delivery, attempt, next };
}

export const DELIVERED: NextState = { kind: 'delivered' };
export const RETRIED: NextState = { kind: 'retry', delayMs: 60_000, errorCode: 'http_error' };
