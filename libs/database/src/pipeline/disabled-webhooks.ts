import { encodeId, mintId, type StoreId, type WebhookId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';
import { emitOperationalEvents } from './operational-events';

/** A webhook to be disabled, and the sentences that say why. */
export interface Disabling {
  readonly webhookId: WebhookId;
  /** The webhook is disabled only while this is its URL: one that was corrected meanwhile has not failed. Null: whatever its URL is. */
  readonly url: string | null;
  readonly message: string;
}

/** To be run under the lock of the gates. A webhook that was disabled or deleted meanwhile keeps its reason. */
const DISABLE: Statement = {
  name: 'disable_webhooks',
  text: `
UPDATE webhooks w SET enabled = false, disabled_at = now(), updated_at = now(), disabled_reason = d.message
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS d(id, message, url), gates g
WHERE w.id = d.id AND w.url = coalesce(d.url, w.url) AND w.enabled AND w.deleted_at IS NULL AND g.webhook_id = w.id
RETURNING w.id, w.store_id, w.url, w.disabled_reason AS message,
  ${epochMs('w.disabled_at')} AS at_ms, ${epochMs('g.failing_since')} AS failing_since_ms`,
};

const APPEND_AUDIT_ENTRIES: Statement = {
  name: 'append_audit_entries_of_system',
  text: `
INSERT INTO audit_log (id, store_id, actor_kind, action, object_kind, object_id, changes)
SELECT a.id, a.store_id, 'system', 'webhook.disabled', 'webhook', a.object_id,
       jsonb_build_object('before', jsonb_build_object('enabled', true), 'after', jsonb_build_object('enabled', false, 'disabledReason', a.message))
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS a(id, store_id, object_id, message)`,
};

interface DisabledRow {
  id: WebhookId;
  store_id: StoreId;
  url: string;
  message: string;
  at_ms: number;
  failing_since_ms: number | null;
}

/**
 * Disables webhooks, enters that in the audit log, and publishes `webhook.disabled` to the webhooks that are subscribed to it.
 *
 * @param options.silent - the webhooks for which `webhook.disabled` must not be published
 * @returns the webhooks that were enabled until now
 */
export async function disableWebhooks(
  runner: SqlRunner,
  reason: 'failing' | 'gone',
  disablings: readonly Disabling[],
  options: { readonly silent: ReadonlySet<WebhookId> } = { silent: new Set() },
): Promise<WebhookId[]> {
  const rows = await runner.run<DisabledRow>(DISABLE, [
    disablings.map(({ webhookId }) => webhookId),
    disablings.map(({ message }) => message),
    disablings.map(({ url }) => url),
  ]);
  if (rows.length === 0) return [];
  await runner.run(APPEND_AUDIT_ENTRIES, [
    rows.map(({ at_ms }) => mintId('audit', at_ms)),
    rows.map(({ store_id }) => store_id),
    rows.map(({ id }) => encodeId('webhook', id)),
    rows.map(({ message }) => message),
  ]);
  const told = rows.filter(({ id }) => !options.silent.has(id));
  await emitOperationalEvents(
    runner,
    told.map((row) => ({
      type: 'webhook.disabled',
      storeId: row.store_id,
      webhookId: row.id,
      url: row.url,
      atMs: row.at_ms,
      reason,
      message: row.message,
      failingSinceMs: row.failing_since_ms,
    })),
  );
  return rows.map(({ id }) => id);
}
