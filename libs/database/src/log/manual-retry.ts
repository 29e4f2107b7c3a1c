import type { DueWebhook } from '@signpost/delivery';
import { type DeliveryId, encodeId, type StoreId, type WebhookId } from '@signpost/domain';
import type { Actor, AuditLog } from '../admin/audit-log';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import { movedGates, moveGates, type MovedGateRow } from '../pipeline/gate-sql';
import type { SqlClient } from '../sql/sql-client';
import type { DeliveryStatus } from './delivery-log';
import { waitingSql } from './waiting-sql';

/** A job of its own normally brings the delivery to a worker at once; after this time the webhook's ordinary wake brings it along. */
const FALLBACK_MS = 3_000;

/** Why a delivery cannot be attempted by hand now. */
export type RetryRefusal =
  | 'not_found'
  /** A worker owns it at this moment. */
  | 'being_attempted'
  /** A test is sent once; another test is another delivery. */
  | 'is_test'
  | 'webhook_deleted'
  | 'webhook_disabled'
  /** Its webhook has no active key to sign with. */
  | 'held'
  /** What would be sent is past its retention. */
  | 'payload_expired';

export type RetryOutcome =
  /** `wakes`: the jobs that bring the delivery along should no worker take it at once. */
  | { readonly kind: 'accepted'; readonly wakes: readonly DueWebhook[] }
  | { readonly kind: 'refused'; readonly reason: RetryRefusal };

interface Target {
  readonly status: DeliveryStatus;
  readonly waiting: boolean;
  readonly test: boolean;
  readonly webhookId: WebhookId;
  readonly webhookDeleted: boolean;
  readonly webhookEnabled: boolean;
  readonly signed: boolean;
  readonly payloadKept: boolean;
}

/**
 * Makes one delivery due now, beside its automatic schedule: if the manual attempt fails, a schedule that still runs goes on at the time
 * that it had planned. A settled delivery, also a delivered one, is opened again for one attempt.
 *
 * Until a worker takes it, the delivery waits like any other: nothing is lost when no job reaches a worker.
 */
export async function retryByHand(
  { sql, audit }: { readonly sql: SqlClient; readonly audit: AuditLog },
  storeId: StoreId,
  id: DeliveryId,
  actor: Actor,
): Promise<RetryOutcome> {
  return sql.transaction(async (runner) => {
    await runner.run(LOCK_GATE, [id, storeId]);
    const [target] = await runner.run<Target>(LOCK_TARGET, [id, storeId]);
    if (target === undefined) return { kind: 'refused', reason: 'not_found' };
    const reason = refusalOf(target);
    if (reason !== null) return { kind: 'refused', reason };
    await runner.run(MAKE_DUE, [id, storeId]);
    const moved = await runner.run<MovedGateRow>(MOVE_GATE, [[target.webhookId], [FALLBACK_MS]]);
    await audit.appendBy(runner, storeId, actor, {
      action: 'delivery.retried',
      objectId: encodeId('delivery', id),
      before: { status: target.status },
    });
    return { kind: 'accepted', wakes: movedGates(moved) };
  });
}

function refusalOf(target: Target): RetryRefusal | null {
  if (target.test) return 'is_test';
  if (target.webhookDeleted) return 'webhook_deleted';
  if (!target.webhookEnabled) return 'webhook_disabled';
  if (!target.signed) return 'held';
  const isUnsettled = target.status === 'queued' || target.status === 'retrying';
  if (isUnsettled && !target.waiting) return 'being_attempted';
  return target.payloadKept ? null : 'payload_expired';
}

/** Locked before the delivery, as by every transaction that changes both, so that they do not deadlock. */
const LOCK_GATE = {
  name: 'manual retry gate lock',
  text: `SELECT g.webhook_id FROM deliveries d JOIN gates g ON g.webhook_id = d.webhook_id
         WHERE d.id = $1 AND d.store_id = $2 FOR UPDATE OF g`,
};

const LOCK_TARGET = {
  name: 'manual retry target',
  text: `SELECT d.status, ${waitingSql('d')} AS waiting, d.trigger = 'test' AS test, w.id AS "webhookId", w.enabled AS "webhookEnabled",
           w.deleted_at IS NOT NULL AS "webhookDeleted", ${KEY_IS_ACTIVE} AS signed,
           EXISTS (SELECT FROM events e WHERE e.id = d.event_id AND e.data IS NOT NULL) AS "payloadKept"
         FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id LEFT JOIN api_keys k ON k.id = w.api_key_id
         WHERE d.id = $1 AND d.store_id = $2 FOR NO KEY UPDATE OF d`,
};

/**
 * A second request before the first one's attempt keeps the time at which the schedule goes on. The schedule of a delivery that is still
 * marked as held, though a key is active by now, goes on like any other.
 */
const MAKE_DUE = {
  name: 'manual retry',
  text: `UPDATE deliveries SET
           trigger = 'manual', waiting = true, due_at = now(), lease_id = NULL,
           status = CASE WHEN status = 'retrying' OR status = 'held' AND attempts_made > 0 THEN 'retrying' ELSE 'queued' END,
           resume_at = CASE
             WHEN status NOT IN ('queued', 'retrying', 'held') THEN NULL
             WHEN trigger = 'manual' THEN resume_at
             ELSE coalesce(resume_at, due_at)
           END
         WHERE id = $1 AND store_id = $2`,
};

const MOVE_GATE = {
  name: 'manual retry gate',
  text: `WITH ${moveGates({ webhookIds: '$1::uuid[]', delaysMs: '$2::float8[]', onlyIf: 'true' })}
         SELECT webhook_id, delay_ms FROM moved_gates`,
};
