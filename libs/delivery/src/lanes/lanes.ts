import type { WebhookId } from '@signpost/domain';
import { AWAY_REST_MS, type AttemptOutcome } from '../attempter';
import type { LeasedDelivery } from '../ports/delivery-ledger';
import { type Flight, Flights } from './flights';
import { FloodGate } from './flood-gate';
import { type FloodLine, Lane, type LaneClass, type LaneLine } from './lane';
import { LaneCapacity } from './lane-capacity';
import { LaneFetches } from './lane-fetches';
import { isFloodLine, LANE_LINES, LaneLines } from './lane-lines';
import type { LaneWork } from './lane-work';
import { StoreBacklogs } from './store-backlogs';

/** Bounds of one worker. */
export interface LaneLimits {
  /** Requests in flight to one webhook. */
  readonly webhookConcurrency: number;
  /** Requests in flight to webhooks that answer; as many again to flooded webhooks. */
  readonly workerConcurrency: number;
  /** Deliveries held for one webhook. */
  readonly laneCapacity: number;
  /** Deliveries held for all webhooks. */
  readonly workerCapacity: number;
}

/** After this time other workers look for deliveries that this worker gave back and meant to fetch again. */
const REST_MS = 5_000;
/** A lane that has been idle for this long is forgotten, and with it what was learnt about its endpoint. */
const FORGET_MS = 10 * 60_000;
const TICK_MS = 250;
const GATE_TICK_MS = 25;

/**
 * All lanes of a worker, and which lane may send next. Lanes take turns within their line, and each line has places of its own: endpoints
 * that hang or fail take no places from endpoints that answer, and flooded lanes take none from lanes that are not flooded.
 */
export class Lanes {
  private readonly lanes = new Map<WebhookId, Lane>();
  private readonly backlogs = new StoreBacklogs();
  private readonly lines: LaneLines;
  private readonly flights: Flights;
  private readonly capacity: LaneCapacity;
  private readonly fetches: LaneFetches;
  private readonly floodGate: FloodGate;
  private stopped = false;
  private idleWaiters: (() => void)[] = [];
  private readonly timer: NodeJS.Timeout;
  private gateTimer: NodeJS.Timeout | null = null;

  /** @param monotonicMs - a clock that never goes back */
  constructor(
    private readonly limits: LaneLimits,
    private readonly work: LaneWork,
    private readonly monotonicMs: () => number,
  ) {
    this.lines = new LaneLines(monotonicMs);
    this.flights = new Flights(limits.workerConcurrency);
    this.capacity = new LaneCapacity(limits.workerCapacity);
    this.fetches = new LaneFetches(
      (webhookId) => work.fetch(webhookId),
      (lane) => this.capacity.grant(lane, Infinity),
    );
    this.floodGate = new FloodGate(() => work.busyShare());
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Promises room for up to `wanted` deliveries of a webhook; what is not put in must be given back by {@link unreserve}. */
  reserve(webhookId: WebhookId, wanted: number): number {
    return this.isBreakerOpen(this.laneOf(webhookId)) ? 0 : this.reserveForClaim(webhookId, wanted);
  }

  /** As {@link reserve}, for a claim: the gate in PostgreSQL knows better than this lane whether the breaker is open. */
  reserveForClaim(webhookId: WebhookId, wanted: number): number {
    if (this.stopped) return 0;
    const lane = this.laneOf(webhookId);
    const granted = this.capacity.grant(lane, wanted);
    lane.reserved += granted;
    this.capacity.count(lane, granted);
    return granted;
  }

  unreserve(webhookId: WebhookId, count: number): void {
    const lane = this.laneOf(webhookId);
    lane.reserved -= count;
    this.capacity.count(lane, -count);
    this.fetches.consider(lane);
  }

  /** In how many milliseconds deliveries that got no room should be looked for. While a breaker is open, its gate knows when. */
  retryAfterMs(webhookId: WebhookId): number {
    return this.isBreakerOpen(this.laneOf(webhookId)) ? 0 : REST_MS;
  }

  /** Hears whether a webhook has a rate limit. What waits in its lane when it gets one goes back to its gate, which counts the rate. */
  noteRateLimit(webhookId: WebhookId, rateLimited: boolean): void {
    const lane = this.lanes.get(webhookId);
    if (lane === undefined) return;
    if (rateLimited && !lane.rateLimited) this.giveBack(lane, 0, 0);
    lane.rateLimited = rateLimited;
  }

  /** Puts leased deliveries into the room that was reserved for them. */
  put(deliveries: readonly LeasedDelivery[]): void {
    for (const delivery of deliveries) {
      const lane = this.laneOf(delivery.webhookId);
      lane.reserved -= 1;
      this.backlogs.join(lane, delivery.storeId);
      lane.put(delivery);
      this.capacity.countPayloads(lane, [delivery], 1);
      this.lines.join(lane);
    }
    if (this.stopped) this.giveAllBack();
    this.pump();
  }

  /** Remembers that more is due in PostgreSQL than there was room for. */
  expectMore(webhookId: WebhookId): void {
    const lane = this.laneOf(webhookId);
    if (this.isBreakerOpen(lane)) return;
    lane.moreDue = true;
    this.fetches.consider(lane);
  }

  /** The breaker of a webhook has opened: what waits here goes back. */
  openBreaker(webhookId: WebhookId, forMs: number): void {
    const lane = this.laneOf(webhookId);
    lane.openUntilMs = this.monotonicMs() + forMs;
    lane.moreDue = false;
    this.giveBack(lane, 0, 0);
  }

  /** The breaker of a webhook has closed. */
  closeBreaker(webhookId: WebhookId): void {
    this.laneOf(webhookId).openUntilMs = 0;
  }

  /** Resolves when deliveries may be taken in: at once, unless the worker holds as many as it can. */
  room(): Promise<void> {
    return this.capacity.room();
  }

  /** Gives back everything that is not in flight, to be due again in `delayMs`. */
  giveAllBack(delayMs = 0): void {
    for (const lane of this.lanes.values()) this.giveBack(lane, 0, delayMs);
  }

  /** Drops everything that is not in flight: the lease has lapsed. */
  clear(): void {
    for (const lane of this.lanes.values()) {
      this.takeBack(lane, 0);
      lane.moreDue = false;
    }
  }

  /** Begins no more attempts, gives back the deliveries that wait or are still being fetched, and resolves when none is in flight. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.giveAllBack();
    await this.fetches.stop();
    while (this.flights.count > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Requests in flight, deliveries held, and lanes by class, for metrics. */
  get load(): { inFlight: number; stalled: number; held: number; lanes: Readonly<Record<LaneClass | 'open', number>> } {
    const lanes = { proven: 0, fresh: 0, failing: 0, open: 0 };
    for (const lane of this.lanes.values()) lanes[this.isBreakerOpen(lane) ? 'open' : lane.class] += 1;
    return { inFlight: this.flights.count, stalled: this.flights.stalled, held: this.capacity.held, lanes };
  }

  /** Webhooks with more due deliveries in PostgreSQL, each once: when this worker stops, other workers must come for them. */
  takeUnfetched(): WebhookId[] {
    const unfetched = [...this.lanes.values()].filter(({ moreDue }) => moreDue);
    for (const lane of unfetched) lane.moreDue = false;
    return unfetched.map(({ webhookId }) => webhookId);
  }

  private isBreakerOpen(lane: Lane): boolean {
    return lane.openUntilMs > this.monotonicMs();
  }

  private laneOf(webhookId: WebhookId): Lane {
    const { webhookConcurrency, laneCapacity } = this.limits;
    const lane = this.lanes.get(webhookId) ?? new Lane(webhookId, webhookConcurrency, laneCapacity);
    this.lanes.set(webhookId, lane);
    lane.usedAtMs = this.monotonicMs();
    return lane;
  }

  private forget(lane: Lane): void {
    this.lanes.delete(lane.webhookId);
    this.backlogs.leave(lane);
  }

  /** Begins attempts while there are places: one of each lane in turn. */
  private pump(): void {
    if (this.stopped) return;
    for (const line of LANE_LINES) {
      for (const lane of this.lines.in(line)) {
        if (!this.flights.hasPlaceIn(line) || !this.work.ready()) break;
        if (this.lines.change(lane)) continue;
        if (isFloodLine(line) && lane.canSend && !this.passesGate(line)) break;
        this.lines.leave(lane);
        const delivery = lane.canSend ? lane.take() : undefined;
        if (delivery === undefined) continue;
        // Back at the end of the line: the loop comes to it again after all others.
        this.lines.rejoin(lane);
        this.begin(lane, line, delivery);
      }
    }
  }

  /** Whether a flooded lane may begin an attempt beside the attempts of other lanes. If not, this is checked again soon. */
  private passesGate(line: FloodLine): boolean {
    if (this.floodGate.pass(this.flights.countIn(line), this.monotonicMs())) return true;
    this.gateTimer ??= setTimeout(() => {
      this.gateTimer = null;
      this.pump();
    }, GATE_TICK_MS);
    return false;
  }

  private begin(lane: Lane, line: LaneLine, delivery: LeasedDelivery): void {
    this.capacity.count(lane, -1);
    lane.inFlight += 1;
    const flight: Flight = { lane, delivery, line, begunAtMs: this.monotonicMs() };
    if (line === 'proven' || line === 'fresh') this.floodGate.othersServed(lane, flight.begunAtMs);
    this.flights.begin(flight);
    void this.work.attempt(delivery).then((outcome) => this.end(flight, outcome));
  }

  private end(flight: Flight, outcome: AttemptOutcome): void {
    const { lane } = flight;
    const inTime = this.flights.end(flight);
    if (!inTime) this.capacity.setPayloadApart(lane, flight.delivery, false);
    lane.inFlight -= 1;
    lane.usedAtMs = this.monotonicMs();
    if (outcome === 'delivered') this.reclass(lane, () => lane.succeeded(inTime));
    if (outcome === 'failed') this.distrust(lane, () => lane.failed());
    this.capacity.countPayloads(lane, [flight.delivery], -1);
    // PostgreSQL may have lost this worker's newest leases: another worker could lease the same deliveries, and send them again.
    if (outcome === 'away') this.giveAllBack(AWAY_REST_MS);
    if (lane.queued > 0) this.lines.join(lane);
    this.fetches.consider(lane);
    this.pump();
    if (this.idleWaiters.length > 0 && this.flights.count === 0)
      for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Changes how far a lane is trusted. A lane in trouble keeps what it can send next, and gives back the rest, to be fetched later. */
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
    this.capacity.reclass(lane, before);
    this.lines.change(lane);
  }

  /** Gives back all deliveries but the oldest `keep`. Those that are given back then cost a row in PostgreSQL, and nothing here. */
  private giveBack(lane: Lane, keep: number, delayMs: number): void {
    if (lane.queued > keep) this.work.release(this.takeBack(lane, keep), delayMs);
  }

  private takeBack(lane: Lane, keep: number): LeasedDelivery[] {
    const surplus = lane.takeAllBut(keep);
    this.capacity.count(lane, -surplus.length);
    this.capacity.countPayloads(lane, surplus, -1);
    return surplus;
  }

  private tick(): void {
    const nowMs = this.monotonicMs();
    for (const { lane, delivery } of this.flights.setApart(nowMs)) {
      this.capacity.setPayloadApart(lane, delivery, true);
      this.distrust(lane, () => lane.stalled());
    }
    for (const lane of this.lanes.values()) {
      if (lane.isIdle && nowMs - lane.usedAtMs > FORGET_MS) this.forget(lane);
      else this.fetches.consider(lane);
    }
    this.pump();
  }
}
