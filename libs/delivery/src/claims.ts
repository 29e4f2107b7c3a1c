import type { DeliveryId, WebhookId } from '@signpost/domain';
import type { LeaseKeeper } from './lease-keeper';
import type { Claim, ClaimLedger } from './ports/delivery-ledger';
import type { Recorder } from './recorder';
import type { Registry } from './registry';

/** Leases waiting deliveries for this worker, and takes them over: from then on, it holds each of them until it is settled. */
export class Claims {
  constructor(
    private readonly ledger: ClaimLedger,
    private readonly keeper: LeaseKeeper,
    private readonly recorder: Recorder,
    private readonly registry: Registry,
  ) {}

  /** Due deliveries of a webhook, `limit` at most, as far as the webhook's gate lets them through. */
  async take(webhookId: WebhookId, limit: number): Promise<Claim> {
    const askedAtMs = this.registry.nowMs();
    const claim = await this.keeper.leasing((lease) => this.ledger.claim(webhookId, lease, limit));
    return this.takeOver(claim, askedAtMs);
  }

  /** One delivery, whatever the gate says. @returns null when it cannot be leased */
  async takeOne(deliveryId: DeliveryId): Promise<Claim | null> {
    const askedAtMs = this.registry.nowMs();
    const claim = await this.keeper.leasing((lease) => this.ledger.claimOne(deliveryId, lease));
    return claim === null ? null : this.takeOver(claim, askedAtMs);
  }

  /** They are sent with the versions of webhook and key on which the claim was decided, or later ones. */
  private async takeOver(claim: Claim, askedAtMs: number): Promise<Claim> {
    this.keeper.held.add(claim.deliveries);
    try {
      await this.registry.atVersions(claim.storeVersions, askedAtMs);
      return claim;
    } catch (error) {
      this.recorder.release(claim.deliveries, 0);
      throw error;
    }
  }
}
