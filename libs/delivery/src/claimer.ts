import type { WebhookId } from '@signpost/domain';
import type { Claims } from './claims';
import type { Lanes } from './lanes/lanes';
import type { JobQueue } from './ports/job-queue';

/** How many deliveries one claim leases at most. */
const CLAIM_MAX = 150;

/** Fetches waiting deliveries into the lanes: for a wake, or because a lane has drained. */
export class Claimer {
  constructor(
    private readonly claims: Claims,
    private readonly lanes: Lanes,
    private readonly queue: JobQueue,
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
      const { deliveries, rateLimited, moreDue, wakes } = await this.claims.take(webhookId, room);
      put = deliveries.length;
      this.lanes.noteRateLimit(webhookId, rateLimited);
      // A probe comes through the gate of an open breaker; any other delivery shows that the breaker is closed.
      if (deliveries.some(({ probe }) => !probe)) this.lanes.closeBreaker(webhookId);
      this.lanes.put(deliveries);
      if (moreDue) this.lanes.expectMore(webhookId);
      if (wakes.length > 0) await this.queue.addWakes(wakes);
    } finally {
      this.lanes.unreserve(webhookId, room - put);
    }
  }
}
