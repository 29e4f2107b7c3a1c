import type { DeliveryId } from '@signpost/domain';
import type { Attempter } from './attempter';
import type { Claims } from './claims';
import type { LeasedDelivery } from './ports/delivery-ledger';
import { timeOver } from './time-over';

/** How long the caller of an attempt waits for its end, so that the next attempts can begin … */
const WAITED_FOR_MS = 1_000;
/** … unless more attempts than this are under way, or their payloads have more UTF-16 code units: then it waits to the end. */
const UNDER_WAY_MAX = { attempts: 1_000, payloadUnits: 4 * 1024 * 1024 };

/** Attempts that a person asked for: tests, and retries by hand. They bypass lanes and gates, so their number is bounded here. */
export class AttemptsByHand {
  private readonly underWay = new Set<Promise<unknown>>();
  private payloadUnits = 0;

  constructor(
    private readonly claims: Claims,
    private readonly attempter: Pick<Attempter, 'attempt'>,
  ) {}

  /**
   * Makes one attempt of a delivery now, if it is to be had. Resolves when the attempt has ended; if it takes long while few are under way,
   * resolves before its end.
   */
  async attempt(deliveryId: DeliveryId): Promise<void> {
    const claim = await this.claims.takeOne(deliveryId);
    if (claim === null) return;
    await Promise.all(claim.deliveries.map((delivery) => this.make(delivery)));
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async make(delivery: LeasedDelivery): Promise<void> {
    const units = delivery.event.data?.length ?? 0;
    const attempt = this.attempter.attempt(delivery).finally(() => {
      this.underWay.delete(attempt);
      this.payloadUnits -= units;
    });
    this.underWay.add(attempt);
    this.payloadUnits += units;
    const isFull = this.underWay.size > UNDER_WAY_MAX.attempts || this.payloadUnits > UNDER_WAY_MAX.payloadUnits;
    await (isFull ? attempt : Promise.race([attempt, timeOver(WAITED_FOR_MS)]));
  }
}
