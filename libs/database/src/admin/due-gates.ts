import type { WebhookId } from '@signpost/domain';
import type { EntityManager } from 'typeorm';

/**
 * Makes webhooks due at once, in the transaction of `manager`: a worker then looks at their waiting deliveries, and sends, holds or cancels
 * them by the present state of the webhook and its key. `holding` is set in any case: fan-outs and attempts mark deliveries as held without
 * telling the gate. Gates are locked in the order of their ids, as by workers.
 *
 * @param options.forgetFailures - closes the circuit breaker too: the endpoint is to be judged anew
 */
export async function makeGatesDue(
  manager: EntityManager,
  webhookIds: readonly WebhookId[],
  options: { forgetFailures: boolean } = { forgetFailures: false },
): Promise<void> {
  if (webhookIds.length === 0) return;
  await manager.query(
    `WITH concerned AS (
       SELECT webhook_id FROM gates WHERE webhook_id = ANY ($1::uuid[]) ORDER BY webhook_id FOR UPDATE
     )
     UPDATE gates g SET due_at = now(), holding = true ${options.forgetFailures ? FORGET_FAILURES : ''}
     FROM concerned c WHERE g.webhook_id = c.webhook_id`,
    [webhookIds],
  );
}

const FORGET_FAILURES = ', failures = 0, openings = 0, open_until = NULL, failing_since = NULL';
