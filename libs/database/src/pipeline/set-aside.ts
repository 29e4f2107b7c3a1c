import type { AttemptErrorCode, StoreId, WebhookId } from '@signpost/domain';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { PARCEL_MAX, unpackParcels } from './parcels';
import { REOPENED } from './reopened-sql';

/** Settles waiting deliveries of a webhook that was disabled or deleted. `due_at` then tells when they were settled. */
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

/** Marks waiting deliveries as held, because there is no active key to sign them. Deliveries that are held already are not read. */
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

/** Takes the mark off held deliveries, which an index of the log finds. Each then waits for the time at which it was due before. */
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
 * Takes the due time off a gate whose deliveries were all set aside: assigning or activating a key, or enabling the webhook, makes the gate
 * due again. If that has just happened, while this claim waited for the lock of the gate, the gate stays due.
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

/** How many rows one step sets aside, and how many parcels it unpacks before. */
const SET_ASIDE_MAX = 1_000;
const UNPACK_MAX = SET_ASIDE_MAX / PARCEL_MAX;

/**
 * Holds or cancels waiting deliveries of a webhook, one bounded step a call. Deliveries in parcels cannot be set aside, so that parcels are
 * unpacked before. To be called under the lock of the gate.
 *
 * @param errorCode - why; null leaves the last error of each delivery as it is
 * @returns whether nothing is left, and the gate is closed; otherwise another wake has to follow
 */
export async function setAside(
  runner: SqlRunner,
  webhookId: WebhookId,
  status: 'held' | 'canceled',
  errorCode: AttemptErrorCode | null,
): Promise<boolean> {
  // Done even if there was no parcel when the gate was locked: a fan-out may have packed one while this claim waited for the lock.
  const unpacked = await unpackParcels(runner, webhookId, 'any', UNPACK_MAX);
  const rows = await runner.run(status === 'held' ? HOLD : CANCEL, [webhookId, SET_ASIDE_MAX, errorCode]);
  const isLast = unpacked < UNPACK_MAX && rows.length < SET_ASIDE_MAX;
  return isLast && (await runner.run(CLOSE_GATE, [webhookId, status])).length > 0;
}

/**
 * Takes the mark off held deliveries of a webhook whose key is active, one bounded step a call. To be called under the lock of the gate.
 *
 * @returns whether nothing is left; otherwise another wake has to follow
 */
export async function letGo(runner: SqlRunner, storeId: StoreId, webhookId: WebhookId): Promise<boolean> {
  const [gate] = await runner.run<{ holding: boolean }>(LET_GO, [webhookId, storeId, SET_ASIDE_MAX]);
  return gate?.holding !== true;
}
