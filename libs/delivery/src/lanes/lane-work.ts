import type { WebhookId } from '@signpost/domain';
import type { AttemptOutcome } from '../attempter';
import type { LeasedDelivery } from '../ports/delivery-ledger';

/** What lanes need done outside of them. */
export interface LaneWork {
  /** Whether attempts may be begun at all: the lease stands and results can be recorded. */
  ready(): boolean;
  /** Makes one attempt. It never rejects. */
  attempt(delivery: LeasedDelivery): Promise<AttemptOutcome>;
  /** Gives deliveries back, to be due again in `delayMs`. */
  release(deliveries: readonly LeasedDelivery[], delayMs: number): void;
  /** Fetches due deliveries of a webhook. It never rejects. */
  fetch(webhookId: WebhookId): Promise<void>;
  /** The share of its time for which this process has worked since the last call, 0 to 1. */
  busyShare(): number;
}
