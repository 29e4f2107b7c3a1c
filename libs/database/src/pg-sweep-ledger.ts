import type { BatchId, DeliveryId, EventType, LeaseId, WebhookId } from '@signpost/domain';
import type { SweepLedger } from '@signpost/delivery';
import { moveGates } from './gate-sql';
import type { SqlClient, Statement } from './sql-client';

const STRANDED_BATCHES: Statement = {
  name: 'stranded_batches',
  text: `
SELECT batch_id, event_type FROM outbox WHERE created_at < now() - $1::float8 * interval '1 millisecond' ORDER BY created_at LIMIT $2`,
};

/**
 * Takes the rows of workers whose lease has lapsed, and with them what they had leased. After a restart of PostgreSQL every
 * worker gets the time of one lease to come back: none could send a heartbeat while it was away.
 */
const TAKE_LAPSED: Statement = {
  name: 'take_lapsed_workers',
  text: `
WITH lapsed AS (
  SELECT id FROM workers
  WHERE leased_until < now() AND pg_postmaster_start_time() < now() - $1::float8 * interval '1 millisecond'
  FOR UPDATE SKIP LOCKED
), lost AS (
  SELECT l.id, l.delivery_ids FROM leases l JOIN lapsed ON lapsed.id = l.worker_id
), gone AS (
  DELETE FROM workers w USING lapsed WHERE w.id = lapsed.id
)
SELECT id AS lease_id, unnest(delivery_ids) AS id FROM lost`,
};

/** Tests are not sent again: the person who asked has gone. */
const FREE_DELIVERIES: Statement = {
  name: 'free_deliveries',
  text: `
WITH freed AS (
  UPDATE deliveries d
  SET waiting = d.trigger <> 'test', lease_id = NULL,
      status = CASE WHEN d.trigger = 'test' THEN 'canceled' ELSE d.status END
  WHERE d.id = ANY ($1::uuid[]) AND d.lease_id = ANY ($2::uuid[]) AND NOT d.waiting AND d.status IN ('queued', 'retrying')
  RETURNING d.webhook_id, d.waiting
), due AS (
  SELECT DISTINCT webhook_id FROM freed WHERE waiting
), ${moveGates({
    webhookIds: 'ARRAY(SELECT webhook_id FROM due)',
    delaysMs: 'ARRAY(SELECT 0::float8 FROM due)',
    onlyIf: 'true',
  })}
SELECT count(*)::int AS freed FROM freed`,
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

/** Finds in PostgreSQL what a crash, or a queue that forgot, left behind. */
export class PgSweepLedger implements SweepLedger {
  constructor(private readonly sql: SqlClient) {}

  async strandedBatches(olderThanMs: number, limit: number): Promise<{ batchId: BatchId; eventType: EventType }[]> {
    const rows = await this.sql.run<{ batch_id: BatchId; event_type: EventType }>(STRANDED_BATCHES, [olderThanMs, limit]);
    return rows.map((row) => ({ batchId: row.batch_id, eventType: row.event_type }));
  }

  releaseLapsedWorkers(leaseMs: number): Promise<number> {
    return this.sql.transaction(async (runner) => {
      const lost = await runner.run<{ id: DeliveryId; lease_id: LeaseId }>(TAKE_LAPSED, [leaseMs]);
      if (lost.length === 0) return 0;
      const [row] = await runner.run<{ freed: number }>(FREE_DELIVERIES, [
        lost.map(({ id }) => id),
        [...new Set(lost.map(({ lease_id }) => lease_id))],
      ]);
      return row?.freed ?? 0;
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
