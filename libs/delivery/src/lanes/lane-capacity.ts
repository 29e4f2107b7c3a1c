import type { LeasedDelivery } from '../ports/delivery-ledger';
import type { Lane, LaneClass } from './lane';

/**
 * No more deliveries are taken in when the payloads that lanes hold or are sending have this many UTF-16 code units. That is more than a
 * full worker holds at 1 KB each, so that only large deliveries reach this bound before the bound on their number.
 */
const PAYLOAD_UNITS_MAX = 12 * 1024 * 1024;
/**
 * The share of the worker's capacity that the lanes of a class may take. What fresh and failing lanes hold beyond their shares is not taken
 * from the other classes: lanes that hang leave half of the capacity to lanes that answer.
 */
const SHARE: Readonly<Record<LaneClass, number>> = { proven: 1, fresh: 0.25, failing: 0.25 };
/** When all lanes together hold this many times the capacity, including what they hold beyond their shares, none takes in more. */
const BEYOND_SHARES_MAX = 6;

/**
 * Counts the deliveries that lanes hold, promised room included, and says how many more each lane may take. After that, as much room is
 * left as the lane then holds: many flooded lanes share the room, and leave some for a lane that is not flooded. Payloads are bounded, too.
 * Their size is only known once they are here; until then, the bounds of each step and each claim apply.
 */
export class LaneCapacity {
  private readonly deliveries: Shared;
  private readonly payloadUnits: Shared;
  private waiters: (() => void)[] = [];

  /** @param max - deliveries held by all lanes together, at least 1 */
  constructor(max: number, payloadUnitsMax = PAYLOAD_UNITS_MAX) {
    this.deliveries = new Shared(max);
    this.payloadUnits = new Shared(payloadUnitsMax);
  }

  get held(): number {
    return this.deliveries.taken;
  }

  /** How many more deliveries a lane may take, of those that are wanted. */
  grant(lane: Lane, wanted: number): number {
    if (lane.payloadUnits >= this.payloadUnits.leftTo(lane.class)) return 0;
    const left = this.deliveries.leftTo(lane.class);
    return Math.max(0, Math.min(wanted, lane.room, Math.ceil((left - lane.held) / 2)));
  }

  /** A lane holds `change` more deliveries, or fewer if it is negative. */
  count(lane: Lane, change: number): void {
    this.deliveries.take(lane.class, change);
    if (change < 0) this.letIn();
  }

  /** Payloads came into a lane, or left it: they were sent, or given back. */
  countPayloads(lane: Lane, deliveries: readonly LeasedDelivery[], sign: 1 | -1): void {
    const units = deliveries.reduce((sum, delivery) => sum + unitsOf(delivery), 0) * sign;
    lane.payloadUnits += units;
    this.payloadUnits.take(lane.class, units);
    if (sign < 0) this.letIn();
  }

  /**
   * While a request takes long, its payload counts with those of hanging endpoints, however much its lane is trusted, so that it takes no
   * room from lanes that answer. Once the request has ended, the payload counts as before.
   */
  setPayloadApart(lane: Lane, delivery: LeasedDelivery, isApart: boolean): void {
    const units = unitsOf(delivery);
    const change = isApart ? units : -units;
    lane.payloadUnits -= change;
    this.payloadUnits.take(lane.class, -change);
    this.payloadUnits.take('failing', change);
    if (isApart) this.letIn();
  }

  /** The class of a lane has changed: what it holds now counts with the new one. */
  reclass(lane: Lane, before: LaneClass): void {
    this.deliveries.move(before, lane.class, lane.held);
    this.payloadUnits.move(before, lane.class, lane.payloadUnits);
  }

  /** Resolves when there is any room. */
  async room(): Promise<void> {
    while (this.isFull) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private get isFull(): boolean {
    return this.deliveries.leftTo('proven') <= 0 || this.payloadUnits.leftTo('proven') <= 0;
  }

  private letIn(): void {
    if (!this.isFull) for (const resolve of this.waiters.splice(0)) resolve();
  }
}

function unitsOf({ event }: LeasedDelivery): number {
  return event.data?.length ?? 0;
}

/** A capacity that all lanes share, and what each class has taken of it. */
class Shared {
  private readonly takenBy: Record<LaneClass, number> = { proven: 0, fresh: 0, failing: 0 };
  private readonly shares: Readonly<Record<LaneClass, number>>;

  constructor(private readonly max: number) {
    // However small a share is, it has room for one.
    const share = (laneClass: LaneClass): number => Math.max(1, Math.floor(max * SHARE[laneClass]));
    this.shares = { proven: share('proven'), fresh: share('fresh'), failing: share('failing') };
  }

  get taken(): number {
    return this.takenBy.proven + this.takenBy.fresh + this.takenBy.failing;
  }

  /** Negative when a class has taken more than it may: its size was not known before, or its lanes were trusted more. */
  leftTo(laneClass: LaneClass): number {
    const { takenBy, shares } = this;
    const takenOfShares = Math.min(takenBy.fresh, shares.fresh) + Math.min(takenBy.failing, shares.failing);
    const leftOfAll = this.max * BEYOND_SHARES_MAX - this.taken;
    return Math.min(this.max - takenBy.proven - takenOfShares, shares[laneClass] - takenBy[laneClass], leftOfAll);
  }

  take(laneClass: LaneClass, change: number): void {
    this.takenBy[laneClass] += change;
  }

  move(from: LaneClass, to: LaneClass, amount: number): void {
    this.takenBy[from] -= amount;
    this.takenBy[to] += amount;
  }
}
