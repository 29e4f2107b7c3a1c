import type { AttemptErrorCode, StoreId, WebhookId } from '@signpost/domain';
import { KEY_IS_ACTIVE } from './key-active-sql';
import { PARCEL_MAX, unpackParcels } from './parcels';
import { REOPENED } from './reopened-sql';
import type { SqlRunner, Statement } from './sql-client';

/** Settles waiting deliveries of a webhook that wants no more. When that was is told by the time at which they became due. */
const CANCEL: Statement = {
  name: 'cancel_deliveries',
  text: `
WITH picked AS MATERIALIZED (
  SELECT id FROM deliveries WHERE webhook_id = $1 AND waiting LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE deliveries d
SET status = CASE WHEN ${REOPENED} THEN 'delivered' ELSE 'canceled' END, waiting = false, due_at = now(),
    last_error_code = CASE WHEN ${REOPENED} THEN d.last_error_code ELSE coalesce($3, d.last_error_code) END
WHERE d.id = ANY (ARRAY(SELECT id FROM picked))
RETURNING d.id`,
};

/** Marks waiting deliveries that nobody can sign for. Those that are held already are not read. */
const HOLD: Statement = {
  name: 'hold_deliveries',
  text: `
WITH picked AS MATERIALIZED (
  SELECT id FROM deliveries WHERE webhook_id = $1 AND waiting AND trouble IS DISTINCT FROM 'held' LIMIT $2 FOR UPDATE SKIP LOCKED
), marked AS (
  UPDATE gates SET holding = true WHERE webhook_id = $1 AND NOT holding
)
UPDATE deliveries d
SET status = CASE WHEN ${REOPENED} THEN 'delivered' ELSE 'held' END, waiting = NOT ${REOPENED}, last_error_code = coalesce($3, d.last_error_code)
WHERE d.id = ANY (ARRAY(SELECT id FROM picked))
RETURNING d.id`,
};

/** Takes that mark off again, by the index of the log. Each waits for the time at which it was due before. */
const LET_GO: Statement = {
  name: 'let_deliveries_go',
  text: `
WITH picked AS MATERIALIZED (
  SELECT id FROM deliveries WHERE store_id = $2 AND webhook_trouble = $1::uuid::text || ' held' AND waiting LIMIT $3 FOR UPDATE SKIP LOCKED
), let_go AS (
  UPDATE deliveries d SET status = CASE WHEN d.attempts_made > 0 THEN 'retrying' ELSE 'queued' END
  WHERE d.id = ANY (ARRAY(SELECT id FROM picked))
)
UPDATE gates SET holding = (SELECT count(*) FROM picked) = $3 WHERE webhook_id = $1 RETURNING holding`,
};

/**
 * What was set aside waits without a due time: whoever assigns or activates a key, or enables the webhook, opens the gate again. If
 * that has just happened, while this claim waited for the lock of the gate, the gate stays open.
 */
const CLOSE_GATE: Statement = {
  name: 'close_gate',
  text: `
UPDATE gates g SET due_at = NULL
FROM webhooks w LEFT JOIN api_keys k ON k.id = w.api_key_id
WHERE g.webhook_id = $1 AND w.id = $1
  AND CASE WHEN w.deleted_at IS NOT NULL OR NOT w.enabled THEN 'canceled' WHEN NOT ${KEY_IS_ACTIVE} THEN 'held' END = $2
RETURNING g.webhook_id`,
};

/** Rows set aside, and parcels unpacked before, in one go. */
const SET_ASIDE_MAX = 1_000;
const UNPACK_MAX = SET_ASIDE_MAX / PARCEL_MAX;

/**
 * Holds or cancels what waits for a webhook, in bounded steps. Only what waits alone can be set aside, so that its parcels are unpacked
 * before. To be called under the lock of its gate.
 *
 * @param errorCode - why; null leaves what is known of the delivery
 * @returns whether nothing is left, and the gate is closed; otherwise another wake has to follow
 */
export async function setAside(
  runner: SqlRunner,
  webhookId: WebhookId,
  status: 'held' | 'canceled',
  errorCode: AttemptErrorCode | null,
): Promise<boolean> {
  // Whatever was known when the gate was locked: a fan-out may have packed one while this claim waited for the lock.
  const unpacked = await unpackParcels(runner, webhookId, 'any', UNPACK_MAX);
  const rows = await runner.run(status === 'held' ? HOLD : CANCEL, [webhookId, SET_ASIDE_MAX, errorCode]);
  const isLast = unpacked < UNPACK_MAX && rows.length < SET_ASIDE_MAX;
  return isLast && (await runner.run(CLOSE_GATE, [webhookId, status])).length > 0;
}

/**
 * Lets go of what is held for a webhook whose key is active, in bounded steps. To be called under the lock of its gate.
 *
 * @returns whether nothing is left; otherwise another wake has to follow
 */
export async function letGo(runner: SqlRunner, storeId: StoreId, webhookId: WebhookId): Promise<boolean> {
  const [gate] = await runner.run<{ holding: boolean }>(LET_GO, [webhookId, storeId, SET_ASIDE_MAX]);
  return gate?.holding !== true;
}
