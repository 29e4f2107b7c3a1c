import type { BatchId, SubscribableEventType, WebhookId, WorkerId } from '@signpost/domain';
import type { BatchToFanOut, SweepLedger } from '@signpost/delivery';
import type { SqlClient, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';
import { freeLeases, type LeasedRow } from './free-leases';

const STRANDED_BATCHES: Statement = {
  name: 'stranded_batches',
  text: `
WITH usual AS (
  SELECT batch_id, event_type, bulk, created_at FROM outbox
  WHERE NOT bulk AND created_at < now() - $1::float8 * interval '1 millisecond' ORDER BY created_at LIMIT $2
), bulk AS (
  SELECT batch_id, event_type, bulk, created_at FROM outbox
  WHERE bulk AND created_at < now() - $1::float8 * interval '1 millisecond' ORDER BY created_at LIMIT $2
)
SELECT batch_id, event_type, bulk, extract(epoch FROM created_at)::float8 * 1000 AS created_at_ms FROM (TABLE usual UNION ALL TABLE bulk) u
ORDER BY created_at`,
};

/**
 * Locks the row of a worker whose lease has lapsed: from then on no lease of this worker can be made. After a restart of PostgreSQL every
 * worker gets the time of one lease to come back, for none could send a heartbeat meanwhile. A start of PostgreSQL that lies in the future
 * was dated by a clock that has been set back since; it counts as long ago.
 */
const LOCK_LAPSED: Statement = {
  name: 'lock_lapsed_worker',
  text: `
SELECT id FROM workers
WHERE leased_until < now() AND NOT pg_postmaster_start_time() BETWEEN now() - $1::float8 * interval '1 millisecond' AND now()
ORDER BY leased_until LIMIT 1 FOR UPDATE SKIP LOCKED`,
};

const TIME: Statement = { name: 'sweep_time', text: `SELECT ${epochMs('clock_timestamp()')} AS now_ms` };

/**
 * As a share of a lease: how far the clock of PostgreSQL must jump to count as set. A smaller jump ends no lease before its next heartbeat.
 */
const STEP_SHARE = 0.5;
/**
 * As a share of a lease: every living worker is heard of within this time. It sends four heartbeats in each lease; the rest of the time is
 * for their way.
 */
const HEARD_SHARE = 0.28;

/** A statement of its own, so that it also sees the leases that were made before the worker was locked. */
const LEASES_OF: Statement = {
  name: 'leases_of_worker',
  text: `SELECT id AS lease_id, unnest(delivery_ids) AS id FROM leases WHERE worker_id = $1`,
};

const DELETE_WORKER: Statement = {
  name: 'delete_worker',
  text: `DELETE FROM workers WHERE id = $1`,
};

/** For how many workers one sweep ends the leases. Each has a transaction of its own, which is bounded as what a worker holds is. */
const LAPSED_MAX = 20;

const OVERDUE_WEBHOOKS: Statement = {
  name: 'overdue_webhooks',
  text: `
SELECT webhook_id FROM gates WHERE due_at < now() - $1::float8 * interval '1 millisecond' ORDER BY due_at LIMIT $2`,
};

/** Changes deliveries before rows of `unsent_tests`, in the same order as the statements that take or cancel a single test. */
const CANCEL_UNSENT_TESTS: Statement = {
  name: 'cancel_unsent_tests',
  text: `
WITH old AS MATERIALIZED (
  SELECT delivery_id FROM unsent_tests WHERE created_at < now() - $1::float8 * interval '1 millisecond'
  ORDER BY created_at LIMIT $2
), canceled AS (
  UPDATE deliveries SET status = 'canceled'
  WHERE id = ANY (ARRAY(SELECT delivery_id FROM old)) AND trigger = 'test' AND status = 'queued' AND lease_id IS NULL
  RETURNING id
), counted AS MATERIALIZED (
  SELECT count(*)::int AS canceled FROM canceled
)
DELETE FROM unsent_tests USING counted WHERE delivery_id = ANY (ARRAY(SELECT delivery_id FROM old)) RETURNING counted.canceled`,
};

const FORGET_IDEMPOTENCY_KEYS: Statement = {
  name: 'forget_idempotency_keys',
  text: `
WITH old AS (
  SELECT store_id, key FROM idempotency_keys WHERE created_at < now() - $1::float8 * interval '1 millisecond'
  ORDER BY created_at LIMIT $2
)
DELETE FROM idempotency_keys i USING old WHERE i.store_id = old.store_id AND i.key = old.key RETURNING 1`,
};

interface StrandedBatchRow {
  batch_id: BatchId;
  event_type: SubscribableEventType;
  bulk: boolean;
  created_at_ms: number;
}

/** Finds the work in PostgreSQL that was left behind by a crash, or by a queue that lost its jobs. */
export class PgSweepLedger implements SweepLedger {
  /** How far PostgreSQL's clock was ahead of the clock of this process at the last look, in milliseconds. */
  private aheadMs = -Infinity;
  private trustedFromMs = 0;

  /** @param monotonicMs - milliseconds of a clock that nobody sets */
  constructor(
    private readonly sql: SqlClient,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  async strandedBatches(olderThanMs: number, limit: number): Promise<BatchToFanOut[]> {
    const rows = await this.sql.run<StrandedBatchRow>(STRANDED_BATCHES, [olderThanMs, limit]);
    return rows.map((row) => ({
      batchId: row.batch_id,
      eventType: row.event_type,
      ...(row.bulk ? { bulk: true, dueAtMs: row.created_at_ms } : {}),
    }));
  }

  async releaseLapsedWorkers(leaseMs: number): Promise<number> {
    if (!(await this.trustsLeases(leaseMs))) return 0;
    let freed = 0;
    for (let workers = 0; workers < LAPSED_MAX; workers += 1) {
      const of = await this.releaseLapsedWorker(leaseMs);
      if (of === null) break;
      freed += of;
    }
    return freed;
  }

  /**
   * Whether leases that have lapsed by PostgreSQL's clock may be ended. After that clock was set forward, living workers first get the time
   * of one heartbeat to renew their leases. They get it at the first look too: the clock may have been set forward just before.
   */
  private async trustsLeases(leaseMs: number): Promise<boolean> {
    const [row] = await this.sql.run<{ now_ms: number }>(TIME, []);
    const elapsedMs = this.monotonicMs();
    const aheadMs = (row?.now_ms ?? 0) - elapsedMs;
    if (aheadMs - this.aheadMs > leaseMs * STEP_SHARE) this.trustedFromMs = elapsedMs + leaseMs * HEARD_SHARE;
    this.aheadMs = aheadMs;
    return elapsedMs >= this.trustedFromMs;
  }

  /** @returns how many deliveries became due; null when no worker's lease has lapsed */
  private releaseLapsedWorker(leaseMs: number): Promise<number | null> {
    return this.sql.transaction(async (runner) => {
      const [lapsed] = await runner.run<{ id: WorkerId }>(LOCK_LAPSED, [leaseMs]);
      if (lapsed === undefined) return null;
      const freed = await freeLeases(runner, await runner.run<LeasedRow>(LEASES_OF, [lapsed.id]));
      await runner.run(DELETE_WORKER, [lapsed.id]);
      return freed;
    });
  }

  async overdueWebhooks(overdueMs: number, limit: number): Promise<WebhookId[]> {
    const rows = await this.sql.run<{ webhook_id: WebhookId }>(OVERDUE_WEBHOOKS, [overdueMs, limit]);
    return rows.map((row) => row.webhook_id);
  }

  async cancelUnsentTests(olderThanMs: number, limit: number): Promise<number> {
    const [row] = await this.sql.run<{ canceled: number }>(CANCEL_UNSENT_TESTS, [olderThanMs, limit]);
    return row?.canceled ?? 0;
  }

  async forgetIdempotencyKeys(olderThanMs: number, limit: number): Promise<number> {
    return (await this.sql.run(FORGET_IDEMPOTENCY_KEYS, [olderThanMs, limit])).length;
  }
}
