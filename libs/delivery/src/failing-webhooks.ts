import type { WebhookId } from '@signpost/domain';
import type { FailingLedger } from './ports/failing-ledger';
import type { JobQueue } from './ports/job-queue';

/** Webhooks disabled in one go; the next sweep takes the others. */
const DISABLED_MAX = 100;

/** Disables webhooks that have been failing for days. Bounded, and harmless when it runs twice at once. */
export class FailingWebhooks {
  /** @param disableAfterMs - for how long a webhook may fail without one success */
  constructor(
    private readonly ledger: FailingLedger,
    private readonly queue: JobQueue,
    private readonly disableAfterMs: number,
  ) {}

  /** @returns those that were disabled; their waiting deliveries are about to be canceled */
  async disable(): Promise<readonly WebhookId[]> {
    const disabled = await this.ledger.disableFailing(this.disableAfterMs, DISABLED_MAX);
    const wakes = disabled.map((webhookId) => ({ webhookId, delayMs: 0 }));
    if (wakes.length > 0) await this.queue.addWakes(wakes, { deduplicate: true });
    return disabled;
  }
}
