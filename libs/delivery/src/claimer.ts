import type { DeliveryId, WebhookId } from '@signpost/domain';
import type { Attempter } from './attempter';
import type { Lanes } from './lanes';
import type { LeaseKeeper } from './lease-keeper';
import type { Claim, ClaimLedger, LeasedDelivery } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import type { Recorder } from './recorder';
import type { Registry } from './registry';
import { timeOver } from './time-over';

/** Deliveries of one claim. */
const CLAIM_MAX = 150;
/** An attempt by hand that takes longer than this no longer keeps the place of those that follow, … */
const BY_HAND_MS = 1_000;
/** … unless there are so many of them, or their payloads are so large, in UTF-16 code units. */
const BY_HAND_MAX = { attempts: 1_000, payloadUnits: 4 * 1024 * 1024 };

/** Fetches waiting deliveries into the lanes: for a wake, or because a lane has drained. */
export class Claimer {
  private readonly byHand = new Set<Promise<unknown>>();
  private byHandUnits = 0;

  constructor(
    private readonly ledger: ClaimLedger,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly recorder: Recorder,
    private readonly attempter: Attempter,
    private readonly work: { readonly registry: Registry; readonly queue: JobQueue },
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
      const askedAtMs = this.work.registry.nowMs();
      const claim = await this.keeper.leasing((lease) => this.ledger.claim(webhookId, lease, room));
      await this.takeOver(claim, askedAtMs);
      put = claim.deliveries.length;
      this.lanes.pace(webhookId, claim.paced);
      // A probe says nothing yet; whatever else comes through a gate says that its breaker is closed.
      if (claim.deliveries.some(({ probe }) => !probe)) this.lanes.closeBreaker(webhookId);
      this.lanes.put(claim.deliveries);
      if (claim.moreDue) this.lanes.expectMore(webhookId);
      if (claim.wakes.length > 0) await this.work.queue.addWakes(claim.wakes);
    } finally {
      this.lanes.unreserve(webhookId, room - put);
    }
  }

  /** Attempts one delivery now, past lane and gate: a test, or a retry by hand. Resolves when it has ended, or takes long. */
  async attemptNow(deliveryId: DeliveryId): Promise<void> {
    const askedAtMs = this.work.registry.nowMs();
    const claim = await this.keeper.leasing((lease) => this.ledger.claimOne(deliveryId, lease));
    if (claim === null) return;
    await this.takeOver(claim, askedAtMs);
    await Promise.all(claim.deliveries.map((delivery) => this.attemptByHand(delivery)));
  }

  /** Resolves when no attempt by hand is under way. */
  async attemptsByHand(): Promise<void> {
    await Promise.all(this.byHand);
  }

  private async attemptByHand(delivery: LeasedDelivery): Promise<void> {
    const units = delivery.event.data?.length ?? 0;
    const attempt = this.attempter.attempt(delivery).finally(() => {
      this.byHand.delete(attempt);
      this.byHandUnits -= units;
    });
    this.byHand.add(attempt);
    this.byHandUnits += units;
    const isFull = this.byHand.size > BY_HAND_MAX.attempts || this.byHandUnits > BY_HAND_MAX.payloadUnits;
    await (isFull ? attempt : Promise.race([attempt, timeOver(BY_HAND_MS)]));
  }

  /** What let deliveries through is what they are sent by: a webhook or key that has just changed is not taken from memory. */
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
