import type { Attempter } from './attempter';
import type { LeasedDelivery } from './ports/delivery-ledger';
import { timeOver } from './time-over';

/** An attempt that takes longer than this no longer keeps the place of those that follow, … */
const WAITED_FOR_MS = 1_000;
/** … unless there are so many of them, or their payloads are so large, in UTF-16 code units. */
const UNDER_WAY_MAX = { attempts: 1_000, payloadUnits: 4 * 1024 * 1024 };

/** Attempts that a person asked for: tests, and retries by hand. They pass lanes and gates by, so their number is bounded here. */
export class AttemptsByHand {
  private readonly underWay = new Set<Promise<unknown>>();
  private payloadUnits = 0;

  constructor(private readonly attempter: Pick<Attempter, 'attempt'>) {}

  /** Makes one attempt now. Resolves when it has ended or, while few are under way, when it takes long. */
  async attempt(delivery: LeasedDelivery): Promise<void> {
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

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
