import type { LeasedDelivery } from '../ports/delivery-ledger';
import type { Lane, LaneLine } from './lane';

/** A request in flight. */
export interface Flight {
  readonly lane: Lane;
  readonly delivery: LeasedDelivery;
  readonly line: LaneLine;
  readonly begunAtMs: number;
}

/** The share of the worker's concurrency that each line may use. No line can use the share of another. */
const SHARE: Readonly<Record<LaneLine, number>> = {
  proven: 1,
  flooded: 1,
  fresh: 0.5,
  freshFlooded: 0.5,
  failing: 0.25,
};
/** A request that takes longer than this is set apart: it no longer takes a place of its line. */
const STALLED_MS = 1_000;
/** A line begins no more attempts once this many requests are set apart; lines of endpoints that answer always go on. */
const STALLED_MAX: Readonly<Record<LaneLine, number>> = {
  proven: Infinity,
  flooded: Infinity,
  fresh: 8_192,
  freshFlooded: 4_096,
  failing: 4_096,
};

/** The requests in flight of a worker, and the places that each line has for them. */
export class Flights {
  private readonly countOf: Record<LaneLine, number> = { proven: 0, flooded: 0, fresh: 0, freshFlooded: 0, failing: 0 };
  /** The requests that are not set apart, in the order in which they were begun. */
  private readonly inTime = new Set<Flight>();
  private stalledCount = 0;

  /** @param concurrency - requests in flight to webhooks that answer */
  constructor(private readonly concurrency: number) {}

  /** How many requests are in flight, including those that are set apart. */
  get count(): number {
    return this.inTime.size + this.stalledCount;
  }

  /** How many requests are set apart. */
  get stalled(): number {
    return this.stalledCount;
  }

  countIn(line: LaneLine): number {
    return this.countOf[line];
  }

  hasPlaceIn(line: LaneLine): boolean {
    return this.countOf[line] < Math.ceil(this.concurrency * SHARE[line]) && this.stalledCount < STALLED_MAX[line];
  }

  begin(flight: Flight): void {
    this.countOf[flight.line] += 1;
    this.inTime.add(flight);
  }

  /** @returns whether the request ended before it was set apart */
  end(flight: Flight): boolean {
    const inTime = this.inTime.delete(flight);
    if (inTime) this.countOf[flight.line] -= 1;
    else this.stalledCount -= 1;
    return inTime;
  }

  /** Sets apart the requests that take too long. @returns these requests */
  setApart(nowMs: number): Flight[] {
    const late: Flight[] = [];
    for (const flight of this.inTime) {
      if (nowMs - flight.begunAtMs < STALLED_MS) break;
      this.inTime.delete(flight);
      this.countOf[flight.line] -= 1;
      this.stalledCount += 1;
      late.push(flight);
    }
    return late;
  }
}
