import type { DueWebhook, RecoveryLedger, RecoveryStep, RecoveryStepLimits } from '@signpost/delivery';
import { type DeliveryId, idLowerBound, type RecoveryId, type StoreId, type WebhookId } from '@signpost/domain';
import type { RecoveryFilter } from '../entities/recovery.entity';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';
import { type StatementOf, StatementParameters } from '../sql/statement-parameters';
import { type MovedGateRow, movedGates, moveGates } from './gate-sql';

const LOCK_RECOVERY: Statement = {
  name: 'lock_recovery',
  text: `
SELECT r.store_id, r.webhook_id, r.filter, r.below_id, r.cursor, r.created_at::text, st.deleted_at IS NOT NULL AS store_deleted
FROM recoveries r JOIN stores st ON st.id = r.store_id
WHERE r.id = $1 AND r.state = 'running'
FOR UPDATE OF r`,
};

/**
 * Locked before the deliveries, as by every transaction that changes both: so they do not deadlock, and no claim overlooks the deliveries.
 */
const LOCK_GATES: Statement = {
  name: 'lock_gates_of_recovery',
  text: `SELECT webhook_id FROM gates WHERE webhook_id = ANY ($1::uuid[]) ORDER BY webhook_id FOR UPDATE`,
};

/**
 * Requeued deliveries go through the automatic schedule anew, and count as delivered only when they have arrived again. A delivery that was
 * opened again, or taken by a worker, in the meantime stays as it is.
 */
const REQUEUE: Statement = {
  name: 'requeue_deliveries',
  text: `
WITH requeued AS (
  UPDATE deliveries
  SET status = 'queued', waiting = true, due_at = now(), trigger = 'recovery', attempts_made = 0, resume_at = NULL, lease_id = NULL,
      delivered_at = NULL
  WHERE id = ANY ($1::uuid[]) AND status = ANY ($2::text[]) AND ${isUntouchedSince('$3::timestamptz')}
  RETURNING webhook_id
), due AS (
  SELECT DISTINCT webhook_id FROM requeued
), ${moveGates({
    webhookIds: 'ARRAY(SELECT webhook_id FROM due)',
    delaysMs: 'ARRAY(SELECT 0::float8 FROM due)',
    onlyIf: 'true',
  })}
SELECT NULL::uuid AS webhook_id, NULL::float8 AS delay_ms, count(*)::int AS requeued FROM requeued
UNION ALL SELECT webhook_id, delay_ms, 0 FROM moved_gates`,
};

const ADVANCE: Statement = {
  name: 'advance_recovery',
  text: `
UPDATE recoveries
SET cursor = coalesce($2, cursor), requeued = requeued + $3, skipped = skipped + $4, state = $5, updated_at = now(),
    finished_at = CASE WHEN $5 <> 'running' THEN now() END
WHERE id = $1`,
};

const STALLED: Statement = {
  name: 'stalled_recoveries',
  text: `
SELECT id FROM recoveries WHERE state = 'running' AND updated_at < now() - $1::float8 * interval '1 millisecond'
ORDER BY updated_at LIMIT $2`,
};

interface RecoveryRow {
  readonly store_id: StoreId;
  readonly webhook_id: WebhookId | null;
  readonly filter: RecoveryFilter;
  readonly below_id: string;
  readonly cursor: string;
  /** As PostgreSQL writes it, with its microseconds. */
  readonly created_at: string;
  readonly store_deleted: boolean;
}

interface FoundRow {
  readonly looked_at: number;
  readonly last_looked_at: DeliveryId | null;
  readonly matching: number;
  readonly last_matching: DeliveryId | null;
  /** The matching deliveries that can be sent. */
  readonly delivery_ids: readonly DeliveryId[];
  readonly webhook_ids: readonly WebhookId[];
}

/** Recoveries in PostgreSQL: a handful of round trips a step, under the lock of the recovery's row. */
export class PgRecoveryLedger implements RecoveryLedger {
  constructor(private readonly sql: SqlClient) {}

  step(recoveryId: RecoveryId, limits: RecoveryStepLimits): Promise<RecoveryStep | null> {
    return this.sql.transaction(async (runner) => {
      const [recovery] = await runner.run<RecoveryRow>(LOCK_RECOVERY, [recoveryId]);
      if (recovery === undefined) return null;
      if (recovery.store_deleted) {
        await runner.run(ADVANCE, [recoveryId, null, 0, 0, 'canceled']);
        return { requeued: 0, skipped: 0, finished: true, wakes: [] };
      }
      const found = await find(runner, recovery, limits);
      const { requeued, wakes } = await requeue(runner, recovery, found);
      const skipped = found.matching - found.delivery_ids.length;
      const isFull = found.matching === limits.requeuedMax;
      const cursor = isFull ? found.last_matching : found.last_looked_at;
      const finished = !isFull && found.looked_at < limits.lookedAtMax;
      await runner.run(ADVANCE, [recoveryId, cursor, requeued, skipped, finished ? 'done' : 'running']);
      return { requeued, skipped, finished, wakes };
    });
  }

  async stalled(olderThanMs: number, limit: number): Promise<RecoveryId[]> {
    const rows = await this.sql.run<{ id: RecoveryId }>(STALLED, [olderThanMs, limit]);
    return rows.map(({ id }) => id);
  }
}

async function find(runner: SqlRunner, recovery: RecoveryRow, limits: RecoveryStepLimits): Promise<FoundRow> {
  const statement = findResendable(recovery);
  const [found] = await runner.run<FoundRow>(statement, statement.valuesOf({ recovery, limits }));
  if (found === undefined) throw new Error('The search for deliveries to send again gave no row.');
  return found;
}

interface Search {
  readonly recovery: RecoveryRow;
  readonly limits: RecoveryStepLimits;
}

/**
 * Looks at the next deliveries in the order of their ids. Few of them may match, so that a step is bounded both by how many it looks at and
 * by how many match. Conditions that an index serves are in the text only when they are set, so that the plan is made for them.
 *
 * A delivery is in the window if it began, had its last attempt, or was canceled in it. Canceling sets `due_at`, which so tells when that
 * was.
 */
function findResendable({ webhook_id, filter: { eventId } }: RecoveryRow): StatementOf<Search> {
  const parameters = new StatementParameters<Search>();
  const ofRecovery = (of: (recovery: RecoveryRow) => unknown) => parameters.value(({ recovery }) => of(recovery));
  const ofFilter = (of: (filter: RecoveryFilter) => unknown) => ofRecovery(({ filter }) => of(filter));
  const eventType = ofFilter((filter) => filter.eventType);
  const statusCode = ofFilter((filter) => filter.statusCode);
  const errorCode = ofFilter((filter) => filter.errorCode);
  const since = ofFilter(({ sinceMs }) => new Date(sinceMs ?? 0));
  const until = ofFilter(({ untilMs }) => new Date(untilMs));
  const sinceId = ofFilter(({ sinceMs }) => idLowerBound(sinceMs ?? 0));
  const ofWebhook = webhook_id === null ? '' : ` AND webhook_id = ${ofRecovery((recovery) => recovery.webhook_id)}`;
  const ofEvent = eventId === null ? '' : ` AND event_id = ${ofFilter((filter) => filter.eventId)}`;
  const name = `find_resendable${ofWebhook && '+webhook_id'}${ofEvent && '+event_id'}`;
  return parameters.statement(
    name,
    `
WITH looked_at AS MATERIALIZED (
  SELECT id, webhook_id, event_id, event_type, status, waiting, trigger, due_at, delivered_at, last_attempt_at, last_status_code, last_error_code
  FROM deliveries
  WHERE store_id = ${ofRecovery(({ store_id }) => store_id)} AND id > ${ofRecovery(({ cursor }) => cursor)}
    AND id < ${ofRecovery(({ below_id }) => below_id)}${ofWebhook}${ofEvent}
  ORDER BY id LIMIT ${parameters.value(({ limits }) => limits.lookedAtMax)}
), matching AS MATERIALIZED (
  SELECT id, webhook_id, event_id FROM looked_at
  WHERE status = ANY (${ofFilter(({ statuses }) => statuses)}::text[])
    AND ${isUntouchedSince(`${ofRecovery(({ created_at }) => created_at)}::timestamptz`)}
    AND (${eventType}::text IS NULL OR event_type = ${eventType})
    AND (${statusCode}::smallint IS NULL OR last_status_code = ${statusCode})
    AND (${errorCode}::text IS NULL OR last_error_code = ${errorCode})
    AND (id >= ${sinceId}::uuid
      OR CASE status WHEN 'canceled' THEN due_at ELSE last_attempt_at END BETWEEN ${since}::timestamptz AND ${until}::timestamptz)
  ORDER BY id LIMIT ${parameters.value(({ limits }) => limits.requeuedMax)}
), sendable AS MATERIALIZED (
  SELECT m.id, m.webhook_id FROM matching m JOIN webhooks w ON w.id = m.webhook_id
  WHERE w.enabled AND w.deleted_at IS NULL AND EXISTS (SELECT FROM events e WHERE e.id = m.event_id AND e.data IS NOT NULL)
)
SELECT (SELECT count(*) FROM looked_at)::int AS looked_at, (SELECT id FROM looked_at ORDER BY id DESC LIMIT 1) AS last_looked_at,
       (SELECT count(*) FROM matching)::int AS matching, (SELECT id FROM matching ORDER BY id DESC LIMIT 1) AS last_matching,
       ARRAY(SELECT id FROM sendable ORDER BY id) AS delivery_ids, ARRAY(SELECT DISTINCT webhook_id FROM sendable) AS webhook_ids`,
  );
}

/**
 * Whether a delivery may be sent again: it is no test, and has not been sent since the recovery was asked for, by any caller. For a failed
 * delivery `due_at` is compared, which is before its last attempt: so both sides of each comparison are times by PostgreSQL's clock. A
 * delivery that is `retrying` has not arrived: it is brought forward, unless a worker has it.
 */
function isUntouchedSince(time: string): string {
  return `trigger <> 'test' AND CASE status
    WHEN 'failed' THEN due_at < ${time} WHEN 'delivered' THEN coalesce(delivered_at < ${time}, true)
    WHEN 'retrying' THEN waiting ELSE true END`;
}

async function requeue(
  runner: SqlRunner,
  recovery: RecoveryRow,
  { delivery_ids, webhook_ids }: FoundRow,
): Promise<{ requeued: number; wakes: readonly DueWebhook[] }> {
  if (delivery_ids.length === 0) return { requeued: 0, wakes: [] };
  await runner.run(LOCK_GATES, [webhook_ids]);
  const rows = await runner.run<MovedGateRow & { requeued: number }>(REQUEUE, [
    delivery_ids,
    recovery.filter.statuses,
    recovery.created_at,
  ]);
  return { requeued: rows.reduce((sum, row) => sum + row.requeued, 0), wakes: movedGates(rows) };
}
