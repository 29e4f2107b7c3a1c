import type { DeliveryId, WebhookId } from '@signpost/domain';
import type { AttemptsByHand } from './attempts-by-hand';
import type { Lanes } from './lanes';
import type { LeaseKeeper } from './lease-keeper';
import type { Claim, ClaimLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import type { Recorder } from './recorder';
import type { Registry } from './registry';

/** How many deliveries one claim leases at most. */
const CLAIM_MAX = 150;

/** Fetches waiting deliveries into the lanes: for a wake, or because a lane has drained. */
export class Claimer {
  constructor(
    private readonly ledger: ClaimLedger,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly recorder: Recorder,
    private readonly byHand: AttemptsByHand,
    private readonly work: { readonly registry: Registry; readonly queue: JobQueue },
  ) {}

  /** Leases due deliveries of a webhook, as far as there is room here and the webhook's gate lets them through. */
  async claim(webhookId: WebhookId): Promise<void> {
    const room = this.lanes.reserveForClaim(webhookId, CLAIM_MAX);
    if (room === 0) {
      this.lanes.expectMore(webhookId);
      return;
    }
    let put = 0;
    try {
      const askedAtMs = this.work.registry.nowMs();
      const claim = await this.keeper.leasing((lease) => this.ledger.claim(webhookId, lease, room));
      await this.takeOver(claim, askedAtMs);
      put = claim.deliveries.length;
      this.lanes.noteRateLimit(webhookId, claim.rateLimited);
      // A probe comes through the gate of an open breaker; any other delivery shows that the breaker is closed.
      if (claim.deliveries.some(({ probe }) => !probe)) this.lanes.closeBreaker(webhookId);
      this.lanes.put(claim.deliveries);
      if (claim.moreDue) this.lanes.expectMore(webhookId);
      if (claim.wakes.length > 0) await this.work.queue.addWakes(claim.wakes);
    } finally {
      this.lanes.unreserve(webhookId, room - put);
    }
  }

  /** Attempts one delivery now, past lane and gate: a test, or a retry by hand. Resolves as {@link AttemptsByHand.attempt} does. */
  async attemptNow(deliveryId: DeliveryId): Promise<void> {
    const askedAtMs = this.work.registry.nowMs();
    const claim = await this.keeper.leasing((lease) => this.ledger.claimOne(deliveryId, lease));
    if (claim === null) return;
    await this.takeOver(claim, askedAtMs);
    await Promise.all(claim.deliveries.map((delivery) => this.byHand.attempt(delivery)));
  }

  /** Takes over claimed deliveries. They are sent with the versions of webhook and key on which the claim was decided, or later ones. */
  private async takeOver({ deliveries, storeVersions }: Claim, askedAtMs: number): Promise<void> {
    this.recorder.leased(deliveries);
    try {
      await this.work.registry.atVersions(storeVersions, askedAtMs);
    } catch (error) {
      this.recorder.release(deliveries, 0);
      throw error;
    }
  }
}
