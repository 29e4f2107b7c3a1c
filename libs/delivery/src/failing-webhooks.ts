import type { WebhookId } from '@signpost/domain';
import type { FailingLedger } from './ports/failing-ledger';
import type { JobQueue } from './ports/job-queue';

/** How many webhooks one call disables at most; the next sweep takes the rest. */
const DISABLED_MAX = 100;

/** Disables webhooks that have been failing for days. Its work is bounded, and two runs at once do no harm. */
export class FailingWebhooks {
  /** @param disableAfterMs - for how long a webhook may fail without one success */
  constructor(
    private readonly ledger: FailingLedger,
    private readonly queue: JobQueue,
    private readonly disableAfterMs: number,
  ) {}

  /** @returns the webhooks that were disabled; their waiting deliveries are about to be canceled */
  async disable(): Promise<readonly WebhookId[]> {
    const disabled = await this.ledger.disableFailing(this.disableAfterMs, DISABLED_MAX);
    const wakes = disabled.map((webhookId) => ({ webhookId, delayMs: 0 }));
    if (wakes.length > 0) await this.queue.addWakes(wakes, { deduplicate: true });
    return disabled;
  }
}
