import type { WebhookId } from '@signpost/domain';
import type { LeasedDelivery } from '../ports/delivery-ledger';
import type { StoreBacklog } from './store-backlogs';

/**
 * How much a lane is trusted, by how its last attempts in this worker went. `proven` ones answer, and soon; `fresh` ones have not
 * answered yet; `failing` ones fail, hang, or take long.
 */
export type LaneClass = 'proven' | 'fresh' | 'failing';

/** Where a flooded lane waits: with other flooded ones, so that it sends what the rest leave. */
export type FloodLine = 'flooded' | 'freshFlooded';

/**
 * Where a lane waits for its turn: in the line of its class or, while it is flooded and not in trouble, in that of the flooded ones of its
 * class.
 */
export type LaneLine = LaneClass | FloodLine;

/** A lane in which this many deliveries wait is flooded, and stays so until fewer have waited for a while. */
const FLOODED = { queued: 100, forMs: 1_000 };
/** Requests in flight that a lane begins with; each success adds one, each failure halves them. */
const FIRST_WINDOW = 4;
/** Failures in a row, or requests in a row that take long, after which an endpoint is no longer trusted. */
const TROUBLE_STREAK = 5;
/**
 * Answers in a row after which an endpoint that was in trouble is trusted again: many, so that one that now answers and now hangs
 * does not have its deliveries fetched and given back all the time.
 */
const PROOF_STREAK = 10;
/** Deliveries held for each request that may be in flight. */
const HELD_PER_REQUEST = 32;
/** How many entries of taken deliveries are kept at the head of the list before it is cut. */
const SPENT_MAX = 64;

/**
 * The in-memory queue of one webhook: deliveries that this worker has leased and not yet begun to send.
 *
 * The number of requests in flight grows with success and shrinks with trouble, so that an endpoint that comes back is not run
 * over, and one that hangs holds next to nothing.
 */
export class Lane {
  private trust: LaneClass = 'fresh';
  /** Where it stands, or stood last. */
  line: LaneLine = 'fresh';
  /** Null until the first delivery. */
  store: StoreBacklog | null = null;
  /** Whether its store counts it among the lanes in which something waits. */
  private counted = false;
  /** Room promised to a fan-out or claim that is still being committed. */
  reserved = 0;
  inFlight = 0;
  /** The length of all payloads that wait here or are being sent, in UTF-16 code units. */
  payloadUnits = 0;
  /** Whether more deliveries are due in PostgreSQL, to be fetched when there is room. */
  moreDue = false;
  fetching = false;
  /** Whether its webhook has a rate limit: claimed deliveries are then sent at once, because gathered they would go out as a burst. */
  rateLimited = false;
  /** Until when the circuit breaker is open, by the worker's monotonic clock. */
  openUntilMs = 0;
  usedAtMs = 0;
  private floodedUntilMs = -Infinity;
  private window: number;
  private failures = 0;
  private stalls = 0;
  private proofs = 0;
  private items: LeasedDelivery[] = [];
  private head = 0;

  constructor(
    readonly webhookId: WebhookId,
    private readonly concurrencyMax: number,
    private readonly heldMax: number,
  ) {
    this.window = Math.min(FIRST_WINDOW, concurrencyMax);
  }

  /** Deliveries that wait here. */
  get queued(): number {
    return this.items.length - this.head;
  }

  /** Deliveries that wait here or have been promised room. */
  get held(): number {
    return this.queued + this.reserved;
  }

  /**
   * Deliveries that may still be put in. An endpoint in trouble gets no more than it can be sent next, one with a rate limit no more
   * than it can be sent now.
   */
  get room(): number {
    if (this.rateLimited) return Math.max(0, this.window - this.inFlight - this.held);
    const heldMax = this.class === 'failing' ? this.window : Math.min(this.heldMax, this.window * HELD_PER_REQUEST);
    return Math.max(0, heldMax - this.held);
  }

  get canSend(): boolean {
    return this.queued > 0 && this.inFlight < this.window;
  }

  get isIdle(): boolean {
    return this.held === 0 && this.inFlight === 0 && !this.moreDue && !this.fetching;
  }

  get class(): LaneClass {
    return this.trust;
  }

  private set class(trust: LaneClass) {
    this.trust = trust;
    this.count();
  }

  /** Whether much waits here, or in many lanes of its store, or did until shortly before. */
  isFlooded(nowMs: number): boolean {
    if (this.queued >= FLOODED.queued) this.floodedUntilMs = nowMs + FLOODED.forMs;
    return this.floodedUntilMs > nowMs || this.store?.isFlooded(nowMs) === true;
  }

  put(delivery: LeasedDelivery): void {
    this.items.push(delivery);
    this.count();
  }

  /** Takes the oldest. */
  take(): LeasedDelivery | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.head += 1;
    this.count();
    // A lane that has nothing to do keeps no payload of what it sent.
    const isSpent = this.head === this.items.length || (this.head > SPENT_MAX && this.head * 2 > this.items.length);
    if (isSpent) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes all but the oldest `keep`. */
  takeAllBut(keep: number): LeasedDelivery[] {
    const taken = this.items.splice(this.head + keep);
    // As in `take`: a lane that has nothing to do keeps no payload of what it sent.
    if (this.queued === 0) {
      this.items = [];
      this.head = 0;
    }
    this.count();
    return taken;
  }

  /** Requests that may be in flight now. */
  get places(): number {
    return this.window;
  }

  /** @param inTime - whether it answered before it counted as one that takes long; only that is a proof */
  succeeded(inTime: boolean): void {
    this.failures = 0;
    this.window = Math.min(this.concurrencyMax, this.window + 1);
    this.openUntilMs = 0;
    if (!inTime) return;
    this.stalls = 0;
    this.proofs += 1;
    if (this.class !== 'failing' || this.proofs >= PROOF_STREAK) this.class = 'proven';
  }

  /** One failure among successes says little; several in a row say that the endpoint is in trouble. */
  failed(): void {
    this.failures += 1;
    this.proofs = 0;
    if (this.failures < TROUBLE_STREAK) return;
    this.class = 'failing';
    this.window = Math.max(1, Math.floor(this.window / 2));
  }

  /** A request takes long: no failure yet, and no good sign. Of an endpoint that is known to answer it takes several. */
  stalled(): void {
    this.stalls += 1;
    this.proofs = 0;
    if (this.class === 'proven' && this.stalls < Math.min(TROUBLE_STREAK, this.window)) return;
    this.class = 'failing';
  }

  /**
   * Tells its store whether something waits here. A lane in trouble does not count: it may send next to nothing, and its backlog must not
   * make all lanes of the store flooded.
   */
  private count(): void {
    const counts = this.queued > 0 && this.trust !== 'failing';
    if (this.store === null || counts === this.counted) return;
    this.store.waiting += counts ? 1 : -1;
    this.counted = counts;
  }
}
