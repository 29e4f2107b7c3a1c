import type { WebhookId } from '@signpost/domain';
import type { LeasedDelivery } from './ports/delivery-ledger';

/** How much a lane is trusted, by how its last attempts in this worker went. `fresh` has none yet. */
export type LaneClass = 'proven' | 'fresh' | 'failing';

/** Requests in flight that a lane begins with; each success adds one, each failure halves them. */
const FIRST_WINDOW = 4;
/** Failures in a row after which an endpoint is no longer trusted. */
const TROUBLE_STREAK = 5;
/** Deliveries held for each request that may be in flight. */
const HELD_PER_REQUEST = 32;

/**
 * The in-memory queue of one webhook: deliveries that this worker has leased and not yet begun to send.
 *
 * The number of requests in flight grows with success and shrinks with trouble, so that an endpoint that comes back is not run
 * over, and one that hangs holds next to nothing.
 */
export class Lane {
  class: LaneClass = 'fresh';
  /** Room promised to a fan-out or claim that is still being committed. */
  reserved = 0;
  inFlight = 0;
  /** Whether more is due in PostgreSQL, to be fetched when there is room. */
  moreDue = false;
  fetching = false;
  /** Until when the circuit breaker is open, by the worker's monotonic clock. */
  openUntilMs = 0;
  usedAtMs = 0;
  private window = FIRST_WINDOW;
  private streak = 0;
  private items: LeasedDelivery[] = [];
  private head = 0;

  constructor(
    readonly webhookId: WebhookId,
    private readonly concurrencyMax: number,
    private readonly heldMax: number,
  ) {}

  /** Deliveries that wait here. */
  get queued(): number {
    return this.items.length - this.head;
  }

  /** Deliveries that may still be put in. A failing endpoint gets no more than it can be sent next. */
  get room(): number {
    const held = this.class === 'failing' ? this.window : Math.min(this.heldMax, this.window * HELD_PER_REQUEST);
    return Math.max(0, held - this.queued - this.reserved);
  }

  get canSend(): boolean {
    return this.queued > 0 && this.inFlight < this.window;
  }

  get isIdle(): boolean {
    return this.queued === 0 && this.inFlight === 0 && this.reserved === 0 && !this.moreDue && !this.fetching;
  }

  put(delivery: LeasedDelivery): void {
    this.items.push(delivery);
  }

  /** Takes the oldest. */
  take(): LeasedDelivery | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.head += 1;
    if (this.head > 256 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes all but the oldest `keep`. */
  takeAllBut(keep: number): LeasedDelivery[] {
    return this.items.splice(this.head + keep);
  }

  /** Requests that may be in flight now. */
  get places(): number {
    return this.window;
  }

  succeeded(): void {
    this.class = 'proven';
    this.streak = 0;
    this.window = Math.min(this.concurrencyMax, this.window + 1);
    this.openUntilMs = 0;
  }

  /** One failure among successes says little; several in a row say that the endpoint is in trouble. */
  failed(): void {
    this.streak += 1;
    if (this.streak < TROUBLE_STREAK) return;
    this.class = 'failing';
    this.window = Math.max(1, Math.floor(this.window / 2));
  }

  /** A request takes long: no failure yet, and no good sign. */
  stalled(): void {
    this.class = 'failing';
  }
}
