import type { WebhookId } from '@signpost/domain';
import type { EntityManager } from 'typeorm';

/**
 * Makes webhooks due at once, in the transaction of `manager`: a worker then looks at what waits for them, and sends, holds or
 * cancels it by what the webhook and its key have become. Something may be marked as held, though the gate does not know of it yet: fan-outs
 * and attempts mark what they cannot sign. Gates are locked in the order of their ids, as workers do.
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
