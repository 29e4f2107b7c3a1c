import type { Lane, LaneClass } from './lane';
import type { LeasedDelivery } from './ports/delivery-ledger';

/**
 * Payloads of all deliveries that lanes hold or are sending, in UTF-16 code units, beyond which no more are taken in: more than a full
 * worker's of 1 KB, so that it is the number of deliveries that counts unless they are large.
 */
const PAYLOAD_UNITS_MAX = 12 * 1024 * 1024;
/** The share of the worker's capacity that deliveries to webhooks not yet proven may hold. */
const UNPROVEN_SHARE = 0.25;

/**
 * Counts the deliveries that lanes hold, promised room included, and says how much more each may take. No lane is given more than
 * leaves as much room as it then holds: many that are flooded share the room, and leave some for one that is not. The same goes for
 * payloads, whose size is known when they are here; until then each step and each claim is bounded.
 */
export class LaneCapacity {
  private heldByAll = 0;
  private heldByUnproven = 0;
  private payloadUnits = 0;
  private waiters: (() => void)[] = [];

  /** @param max - deliveries held by all lanes together, at least 1 */
  constructor(
    private readonly max: number,
    private readonly payloadUnitsMax = PAYLOAD_UNITS_MAX,
  ) {}

  get held(): number {
    return this.heldByAll;
  }

  /** How many more deliveries a lane may take, of those that are wanted. */
  grant(lane: Lane, wanted: number): number {
    if (lane.payloadUnits >= this.payloadUnitsMax - this.payloadUnits) return 0;
    const left = this.max - this.heldByAll;
    const leftToUnproven = Math.max(1, this.max * UNPROVEN_SHARE) - this.heldByUnproven;
    const free = lane.class === 'proven' ? left : Math.min(left, leftToUnproven);
    return Math.max(0, Math.min(wanted, lane.room, Math.ceil((Math.floor(free) - lane.held) / 2)));
  }

  /** A lane holds so many more, or fewer. */
  count(lane: Lane, change: number): void {
    this.heldByAll += change;
    if (lane.class !== 'proven') this.heldByUnproven += change;
    if (change < 0) this.letIn();
  }

  /** Payloads came into a lane, or left it: they were sent, or given back. */
  countPayloads(lane: Lane, deliveries: readonly LeasedDelivery[], sign: 1 | -1): void {
    const units = deliveries.reduce((sum, { event }) => sum + (event.data?.length ?? 0), 0) * sign;
    lane.payloadUnits += units;
    this.payloadUnits += units;
    if (sign < 0) this.letIn();
  }

  /** A lane is trusted differently than before. */
  reclass(lane: Lane, before: LaneClass): void {
    if (before === 'proven') this.heldByUnproven += lane.held;
    if (lane.class === 'proven') this.heldByUnproven -= lane.held;
  }

  /** Resolves when there is any room. */
  async room(): Promise<void> {
    while (this.isFull) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private get isFull(): boolean {
    return this.heldByAll >= this.max || this.payloadUnits >= this.payloadUnitsMax;
  }

  private letIn(): void {
    if (!this.isFull) for (const resolve of this.waiters.splice(0)) resolve();
  }
}
