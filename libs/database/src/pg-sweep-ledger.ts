import type { BatchId, SubscribableEventType, WebhookId, WorkerId } from '@signpost/domain';
import { type BatchToFanOut, BULK_EVENTS_MIN, type SweepLedger } from '@signpost/delivery';
import { freeLeases, type LeasedRow } from './free-leases';
import type { SqlClient, Statement } from './sql-client';

const STRANDED_BATCHES: Statement = {
  name: 'stranded_batches',
  text: `
SELECT batch_id, event_type, cardinality(event_ids) >= $3 AS bulk FROM outbox WHERE created_at < now() - $1::float8 * interval '1 millisecond' ORDER BY created_at LIMIT $2`,
};

/**
 * Locks the rows of workers whose lease has lapsed: from then on no lease of theirs can be made. After a restart of PostgreSQL every
 * worker gets the time of one lease to come back: none could send a heartbeat while it was away.
 */
const LOCK_LAPSED: Statement = {
  name: 'lock_lapsed_workers',
  text: `
SELECT id FROM workers
WHERE leased_until < now() AND pg_postmaster_start_time() < now() - $1::float8 * interval '1 millisecond'
FOR UPDATE SKIP LOCKED`,
};

/** A statement of its own: it sees also the leases that were made until the workers were locked. */
const LEASES_OF: Statement = {
  name: 'leases_of_workers',
  text: `SELECT id AS lease_id, unnest(delivery_ids) AS id FROM leases WHERE worker_id = ANY ($1::uuid[])`,
};

const DELETE_WORKERS: Statement = {
  name: 'delete_workers',
  text: `DELETE FROM workers WHERE id = ANY ($1::uuid[])`,
};

const OVERDUE_WEBHOOKS: Statement = {
  name: 'overdue_webhooks',
  text: `
SELECT webhook_id FROM gates WHERE due_at < now() - $1::float8 * interval '1 millisecond' ORDER BY due_at LIMIT $2`,
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
  /** What is so large may hold single events that came together, too: late as it is, it then waits behind others. */
  bulk: boolean;
}

/** Finds in PostgreSQL what a crash, or a queue that forgot, left behind. */
export class PgSweepLedger implements SweepLedger {
  constructor(private readonly sql: SqlClient) {}

  async strandedBatches(olderThanMs: number, limit: number): Promise<BatchToFanOut[]> {
    const rows = await this.sql.run<StrandedBatchRow>(STRANDED_BATCHES, [olderThanMs, limit, BULK_EVENTS_MIN]);
    return rows.map((row) => ({ batchId: row.batch_id, eventType: row.event_type, bulk: row.bulk }));
  }

  releaseLapsedWorkers(leaseMs: number): Promise<number> {
    return this.sql.transaction(async (runner) => {
      const lapsed = (await runner.run<{ id: WorkerId }>(LOCK_LAPSED, [leaseMs])).map(({ id }) => id);
      if (lapsed.length === 0) return 0;
      const freed = await freeLeases(runner, await runner.run<LeasedRow>(LEASES_OF, [lapsed]));
      await runner.run(DELETE_WORKERS, [lapsed]);
      return freed;
    });
  }

  async overdueWebhooks(overdueMs: number, limit: number): Promise<WebhookId[]> {
    const rows = await this.sql.run<{ webhook_id: WebhookId }>(OVERDUE_WEBHOOKS, [overdueMs, limit]);
    return rows.map((row) => row.webhook_id);
  }

  async forgetIdempotencyKeys(olderThanMs: number, limit: number): Promise<number> {
    return (await this.sql.run(FORGET_IDEMPOTENCY_KEYS, [olderThanMs, limit])).length;
  }
}
