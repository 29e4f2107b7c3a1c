import type { WebhookId } from '@signpost/domain';
import { Lane, type LaneClass } from './lane';
import type { LeasedDelivery } from './ports/delivery-ledger';

/** Bounds of one worker. */
export interface LaneLimits {
  /** Requests in flight to one webhook. */
  readonly webhookConcurrency: number;
  /** Requests in flight to webhooks that answer. */
  readonly workerConcurrency: number;
  /** Deliveries held for one webhook. */
  readonly laneCapacity: number;
  /** Deliveries held for all webhooks. */
  readonly workerCapacity: number;
}

/** What lanes do to the outside. */
export interface LaneWork {
  /** Whether attempts may be begun at all: the lease stands and results can be recorded. */
  ready(): boolean;
  /** Makes one attempt. It never throws; `unsent` is neither a good nor a bad sign of the endpoint. */
  attempt(delivery: LeasedDelivery): Promise<'delivered' | 'failed' | 'unsent'>;
  /** Gives deliveries back, to be due again in `delayMs`. */
  release(deliveries: readonly LeasedDelivery[], delayMs: number): void;
  /** Fetches more of what is due. */
  fetch(webhookId: WebhookId): Promise<void>;
}

/** A request that takes longer than this is set apart: it no longer takes the place of others. */
const STALLED_MS = 1_000;
/** Requests set apart at most; beyond that, failing webhooks wait. */
const STALLED_MAX = 4_096;
/** After this time somebody else looks for deliveries that this worker gave back and meant to fetch again. */
const REST_MS = 5_000;
/** A lane without anything to do is forgotten, and with it what was learnt of its endpoint. */
const FORGET_MS = 10 * 60_000;
const TICK_MS = 250;

/** The share of the worker's concurrency that each class may use, proven ones first. None can take another's. */
const SHARE: Readonly<Record<LaneClass, number>> = { proven: 1, fresh: 0.5, failing: 0.25 };
const CLASSES: readonly LaneClass[] = ['proven', 'fresh', 'failing'];
/** The share of the worker's capacity that deliveries to webhooks not yet proven may hold. */
const UNPROVEN_SHARE = 0.25;

interface Flight {
  readonly lane: Lane;
  readonly pool: LaneClass;
  readonly begunAtMs: number;
}

/**
 * All lanes of a worker, and who may send next: lanes take turns within their class, and classes have places of their own, so that
 * endpoints that hang or fail do not take those of endpoints that answer.
 */
export class Lanes {
  private readonly lanes = new Map<WebhookId, Lane>();
  private readonly ready: Readonly<Record<LaneClass, Set<Lane>>> = {
    proven: new Set(),
    fresh: new Set(),
    failing: new Set(),
  };
  private readonly inFlight: Record<LaneClass, number> = { proven: 0, fresh: 0, failing: 0 };
  /** In the order in which they were begun; those set apart are no longer in it. */
  private readonly flights = new Set<Flight>();
  private stalled = 0;
  private held = 0;
  private heldUnproven = 0;
  private stopped = false;
  private roomWaiters: (() => void)[] = [];
  private idleWaiters: (() => void)[] = [];
  private readonly timer: NodeJS.Timeout;

  /** @param monotonicMs - a clock that never goes back */
  constructor(
    private readonly limits: LaneLimits,
    private readonly work: LaneWork,
    private readonly monotonicMs: () => number,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Promises room for up to `wanted` deliveries of a webhook; what is not put in must be given back by {@link unreserve}. */
  reserve(webhookId: WebhookId, wanted: number): number {
    const lane = this.laneOf(webhookId);
    if (this.stopped || lane.openUntilMs > this.monotonicMs()) return 0;
    const granted = this.grant(lane, wanted);
    lane.reserved += granted;
    return granted;
  }

  /** As {@link reserve}, for a claim: the gate in PostgreSQL knows better than this lane whether the breaker is open. */
  reserveForClaim(webhookId: WebhookId, wanted: number): number {
    this.laneOf(webhookId).openUntilMs = 0;
    return this.reserve(webhookId, wanted);
  }

  unreserve(webhookId: WebhookId, count: number): void {
    this.laneOf(webhookId).reserved -= count;
  }

  /** In how many milliseconds deliveries that got no room should be looked for. */
  retryAfterMs(webhookId: WebhookId): number {
    return Math.max(REST_MS, this.laneOf(webhookId).openUntilMs - this.monotonicMs());
  }

  /** Puts leased deliveries into the room that was reserved for them. */
  put(deliveries: readonly LeasedDelivery[]): void {
    for (const delivery of deliveries) {
      const lane = this.laneOf(delivery.webhookId);
      lane.reserved = Math.max(0, lane.reserved - 1);
      lane.put(delivery);
      this.count(lane, 1);
      this.ready[lane.class].add(lane);
    }
    this.pump();
  }

  /** Remembers that more is due in PostgreSQL than there was room for. */
  expectMore(webhookId: WebhookId): void {
    const lane = this.laneOf(webhookId);
    if (lane.openUntilMs > this.monotonicMs()) return;
    lane.moreDue = true;
    this.fetchMore(lane);
  }

  /** The breaker of a webhook has opened: what waits here goes back. */
  open(webhookId: WebhookId, forMs: number): void {
    const lane = this.laneOf(webhookId);
    lane.openUntilMs = this.monotonicMs() + forMs;
    lane.moreDue = false;
    this.giveBack(lane, 0, forMs);
  }

  /** Resolves when deliveries may be taken in: at once, unless endpoints that answer are being sent all that the worker can hold. */
  async room(): Promise<void> {
    while (this.held >= this.limits.workerCapacity)
      await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
  }

  /** Drops everything that is not in flight: the lease has lapsed. */
  clear(): void {
    for (const lane of this.lanes.values()) {
      this.count(lane, -lane.takeAllBut(0).length);
      lane.moreDue = false;
    }
  }

  /** Begins no more attempts, gives back what waits, and resolves when nothing is in flight. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    const waiting = [...this.lanes.values()].flatMap((lane) => lane.takeAllBut(0));
    this.work.release(waiting, 0);
    while (this.begun > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Requests in flight, deliveries held, and lanes by class, for metrics. */
  get load(): { inFlight: number; stalled: number; held: number; lanes: Readonly<Record<LaneClass | 'open', number>> } {
    const lanes = { proven: 0, fresh: 0, failing: 0, open: 0 };
    const nowMs = this.monotonicMs();
    for (const lane of this.lanes.values()) lanes[lane.openUntilMs > nowMs ? 'open' : lane.class] += 1;
    return { inFlight: this.begun, stalled: this.stalled, held: this.held, lanes };
  }

  private get begun(): number {
    return this.inFlight.proven + this.inFlight.fresh + this.inFlight.failing + this.stalled;
  }

  private laneOf(webhookId: WebhookId): Lane {
    let lane = this.lanes.get(webhookId);
    if (lane === undefined) {
      lane = new Lane(webhookId, this.limits.webhookConcurrency, this.limits.laneCapacity);
      this.lanes.set(webhookId, lane);
    }
    lane.usedAtMs = this.monotonicMs();
    return lane;
  }

  private grant(lane: Lane, wanted: number): number {
    const { workerCapacity } = this.limits;
    const left = lane.class === 'proven' ? workerCapacity : workerCapacity * UNPROVEN_SHARE - this.heldUnproven;
    return Math.max(0, Math.min(wanted, lane.room, Math.floor(left)));
  }

  private count(lane: Lane, change: number): void {
    this.held += change;
    if (lane.class !== 'proven') this.heldUnproven += change;
    if (change < 0 && this.held < this.limits.workerCapacity)
      for (const resolve of this.roomWaiters.splice(0)) resolve();
  }

  /** Begins attempts while there are places: one of each lane in turn. */
  private pump(): void {
    for (const pool of CLASSES) {
      const lanes = this.ready[pool];
      const places = Math.ceil(this.limits.workerConcurrency * SHARE[pool]);
      for (const lane of lanes) {
        if (this.inFlight[pool] >= places || this.stopped || !this.work.ready()) break;
        if (pool === 'failing' && this.stalled >= STALLED_MAX) break;
        lanes.delete(lane);
        const delivery = lane.canSend ? lane.take() : undefined;
        if (delivery === undefined) continue;
        // Back at the end of the line: the loop comes to it again after all others.
        lanes.add(lane);
        this.begin(lane, pool, delivery);
      }
    }
  }

  private begin(lane: Lane, pool: LaneClass, delivery: LeasedDelivery): void {
    this.count(lane, -1);
    lane.inFlight += 1;
    this.inFlight[pool] += 1;
    const flight: Flight = { lane, pool, begunAtMs: this.monotonicMs() };
    this.flights.add(flight);
    void this.work.attempt(delivery).then((outcome) => this.end(flight, outcome));
  }

  private end(flight: Flight, outcome: 'delivered' | 'failed' | 'unsent'): void {
    const { lane, pool } = flight;
    if (this.flights.delete(flight)) this.inFlight[pool] -= 1;
    else this.stalled -= 1;
    lane.inFlight -= 1;
    lane.usedAtMs = this.monotonicMs();
    if (outcome === 'delivered') this.reclass(lane, () => lane.succeeded());
    if (outcome === 'failed') this.distrust(lane, () => lane.failed());
    if (lane.queued > 0) this.ready[lane.class].add(lane);
    this.fetchMore(lane);
    this.pump();
    if (this.begun === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** A lane in trouble keeps what it can send next, and fetches the rest as it gets on. */
  private distrust(lane: Lane, change: () => void): void {
    this.reclass(lane, change);
    if (lane.class !== 'failing' || lane.queued <= lane.places) return;
    this.giveBack(lane, lane.places, REST_MS);
    lane.moreDue = true;
  }

  private reclass(lane: Lane, change: () => void): void {
    const before = lane.class;
    change();
    if (lane.class === before) return;
    if (before === 'proven') this.heldUnproven += lane.queued;
    if (lane.class === 'proven') this.heldUnproven -= lane.queued;
    if (this.ready[before].delete(lane)) this.ready[lane.class].add(lane);
  }

  /** Gives back all but the oldest `keep`: costing a row each there, and nothing here. */
  private giveBack(lane: Lane, keep: number, delayMs: number): void {
    const surplus = lane.takeAllBut(keep);
    if (surplus.length === 0) return;
    this.count(lane, -surplus.length);
    this.work.release(surplus, delayMs);
  }

  private fetchMore(lane: Lane): void {
    if (!lane.moreDue || lane.fetching || this.stopped || lane.room * 2 < lane.queued || lane.room === 0) return;
    lane.moreDue = false;
    lane.fetching = true;
    void this.work.fetch(lane.webhookId).finally(() => {
      lane.fetching = false;
      this.fetchMore(lane);
    });
  }

  private tick(): void {
    const nowMs = this.monotonicMs();
    for (const flight of this.flights) {
      if (nowMs - flight.begunAtMs < STALLED_MS) break;
      this.flights.delete(flight);
      this.inFlight[flight.pool] -= 1;
      this.stalled += 1;
      this.distrust(flight.lane, () => flight.lane.stalled());
    }
    for (const lane of this.lanes.values()) {
      if (lane.isIdle && nowMs - lane.usedAtMs > FORGET_MS) this.lanes.delete(lane.webhookId);
    }
    this.pump();
  }
}
