import type { DeliveryId, WebhookId } from '@signpost/domain';
import type { Attempter } from './attempter';
import type { Lanes } from './lanes';
import type { LeaseKeeper } from './lease-keeper';
import type { ClaimLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import type { Recorder } from './recorder';

/** Deliveries of one claim. */
const CLAIM_MAX = 500;

/** Fetches waiting deliveries into the lanes: for a wake, or because a lane has drained. */
export class Claimer {
  constructor(
    private readonly ledger: ClaimLedger,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly recorder: Recorder,
    private readonly attempter: Attempter,
    private readonly queue: JobQueue,
  ) {}

  /** Leases what is due of a webhook, as far as there is room here and its gate lets it through. */
  async claim(webhookId: WebhookId): Promise<void> {
    const room = this.lanes.reserveForClaim(webhookId, CLAIM_MAX);
    if (room === 0) {
      this.lanes.expectMore(webhookId);
      return;
    }
    let put = 0;
    try {
      const claim = await this.ledger.claim(webhookId, this.keeper.newLease(), room);
      put = claim.deliveries.length;
      this.recorder.leased(claim.deliveries);
      this.lanes.put(claim.deliveries);
      if (claim.moreDue) this.lanes.expectMore(webhookId);
      if (claim.wakes.length > 0) await this.queue.addWakes(claim.wakes);
    } finally {
      this.lanes.unreserve(webhookId, room - put);
    }
  }

  /** Attempts one delivery now, past lane and gate: a test, or a retry by hand. */
  async attemptNow(deliveryId: DeliveryId): Promise<void> {
    const delivery = await this.ledger.claimOne(deliveryId, this.keeper.newLease());
    if (delivery === null) return;
    this.recorder.leased([delivery]);
    await this.attempter.attempt(delivery);
  }
}
