import type { WorkerId } from '@signpost/domain';
import { KEY_IS_ACTIVE } from './keys/key-active-sql';
import type { SqlRunner } from './sql/sql-client';

/** What waits in PostgreSQL, and who works on it, over all stores. */
export interface SystemState {
  readonly workers: readonly {
    readonly id: WorkerId;
    readonly startedAt: Date;
    /** Without another heartbeat until then it counts as dead, and its deliveries are given to others. */
    readonly leasedUntil: Date;
    readonly alive: boolean;
    /** Deliveries in its hands. */
    readonly leasedDeliveries: number;
  }[];
  /** Batches that are accepted and not fanned out. */
  readonly outbox: { readonly batches: number; readonly oldestAt: Date | null };
  /** Webhooks with deliveries that wait, by what they wait for. */
  readonly lanes: {
    /** Something is due now. */
    readonly due: number;
    /** Something is due later. */
    readonly scheduled: number;
    /** Their circuit breaker keeps them back. */
    readonly open: number;
    /** Enabled, without an active key: their deliveries are held. */
    readonly held: number;
  };
  /** Since when the longest overdue webhook has had a delivery due; null: nothing is due. */
  readonly oldestDueAt: Date | null;
}

type WorkerRow = SystemState['workers'][number];

/**
 * Reads the state in two round trips. The rows read grow with the workers, their leases, webhooks and waiting batches, not with deliveries.
 */
export async function readSystemState(sql: SqlRunner): Promise<SystemState> {
  const [workers, [row]] = await Promise.all([sql.run<WorkerRow>(WORKERS, []), sql.run<StateRow>(STATE, [])]);
  if (row === undefined) throw new Error('The state of the system gave no row.');
  const { batches, oldestBatchAt, oldestDueAt, ...lanes } = row;
  return { workers, outbox: { batches, oldestAt: oldestBatchAt }, lanes, oldestDueAt };
}

interface StateRow {
  batches: number;
  oldestBatchAt: Date | null;
  oldestDueAt: Date | null;
  due: number;
  scheduled: number;
  open: number;
  held: number;
}

const WORKERS = {
  name: 'system workers',
  text: `
SELECT w.id, w.started_at AS "startedAt", w.leased_until AS "leasedUntil", w.leased_until > now() AS alive,
       (SELECT coalesce(sum(cardinality(l.delivery_ids)), 0)::int FROM leases l WHERE l.worker_id = w.id) AS "leasedDeliveries"
FROM workers w ORDER BY w.id`,
};

const STATE = {
  name: 'system state',
  text: `
SELECT o.batches, o.oldest AS "oldestBatchAt", g."oldestDueAt", g.due, g.scheduled,
       (SELECT count(*)::int FROM gates b JOIN webhooks w ON w.id = b.webhook_id
        WHERE b.open_until IS NOT NULL AND w.enabled AND w.deleted_at IS NULL) AS open,
       (SELECT count(*)::int FROM webhooks w LEFT JOIN api_keys k ON k.id = w.api_key_id
        WHERE w.deleted_at IS NULL AND w.enabled AND NOT ${KEY_IS_ACTIVE}) AS held
FROM (SELECT count(*)::int AS batches, min(created_at) AS oldest FROM outbox) o,
     (SELECT min(due_at) FILTER (WHERE due_at <= now()) AS "oldestDueAt", count(*) FILTER (WHERE due_at <= now())::int AS due,
             count(*) FILTER (WHERE due_at > now())::int AS scheduled
      FROM gates) g`,
};
