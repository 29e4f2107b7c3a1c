import type { Lane } from './lane';

/** After an attempt for a lane that is not flooded, more such attempts are expected for this long. */
const OTHERS_MS = 1_000;
/** The shortest time between two adaptations of the places. */
const ADAPT_MS = 25;
/** The share of its time that the event loop may work while other lanes are served; `most`, when floods have been held back for long. */
const BUSY_SHARE = { usual: 0.2, most: 0.6 };
/**
 * Floods that have been held back for longer than this are let through more and more, so that a lasting flood gets on after some minutes.
 */
const PATIENCE_MS = 30_000;
/** When no attempt has been held back for this long, patience begins anew. */
const PASSED_MS = 1_000;
/** How many requests to flooded webhooks may be in flight: the bounds of this number, and its first value. */
const PLACES = { least: 2, first: 4, most: 4_096 };
/** How many attempts may be begun between two adaptations, whatever is in flight: slow endpoints take places, but no time. */
const BEGUN_LEAST = 10;

/**
 * How many attempts for flooded webhooks may be under way. Alone, they are not bounded here. While other webhooks are served, there are as
 * many as leave the event loop most of its time: one more while it has time, half as many when it has not. The event loop is the measure
 * because it is also busy while it waits for the processors that all processes share. Floods that have been held back for long leave less
 * and less time to other webhooks, up to a bound.
 */
export class FloodGate {
  private places = PLACES.first;
  private begun = 0;
  private adaptedAtMs = -Infinity;
  /** Since when attempts have been held back again and again, and when the last one was. */
  private held = { sinceMs: 0, lastMs: 0 };
  /** Lanes that were not flooded when they were last served, and when that was; in the order of these times. */
  private readonly others = new Map<Lane, number>();

  /** @param busyShare - the share of its time for which the event loop has worked since the last call */
  constructor(private readonly busyShare: () => number) {}

  /** An attempt was begun for a lane that is not flooded. If the lane is flooded soon after, it no longer counts as one that is not. */
  othersServed(lane: Lane, nowMs: number): void {
    if (!this.isShared(nowMs)) this.reset(nowMs);
    this.others.delete(lane);
    this.others.set(lane, nowMs);
  }

  /** Whether an attempt may be begun while `inFlight` are in flight. If so, it counts as begun. */
  pass(inFlight: number, nowMs: number): boolean {
    if (!this.isShared(nowMs)) return true;
    if (nowMs - this.adaptedAtMs >= ADAPT_MS) this.adapt(nowMs);
    if (inFlight < this.places || this.begun < BEGUN_LEAST) {
      this.begun += 1;
      return true;
    }
    const isAnew = nowMs - this.held.lastMs > PASSED_MS;
    this.held = { sinceMs: isAnew ? nowMs : this.held.sinceMs, lastMs: nowMs };
    return false;
  }

  private isShared(nowMs: number): boolean {
    for (const [lane, servedAtMs] of this.others) {
      if (nowMs - servedAtMs < OTHERS_MS && !lane.isFlooded(nowMs)) return true;
      this.others.delete(lane);
    }
    return false;
  }

  private heldForMs(nowMs: number): number {
    const { sinceMs, lastMs } = this.held;
    return nowMs - lastMs > PASSED_MS ? 0 : lastMs - sinceMs;
  }

  private reset(nowMs: number): void {
    this.places = PLACES.first;
    this.begun = 0;
    this.adaptedAtMs = nowMs;
    this.busyShare();
  }

  private adapt(nowMs: number): void {
    this.adaptedAtMs = nowMs;
    this.begun = 0;
    const busyShareMax = Math.min(BUSY_SHARE.most, BUSY_SHARE.usual * Math.max(1, this.heldForMs(nowMs) / PATIENCE_MS));
    const isBusy = this.busyShare() > busyShareMax;
    this.places = isBusy ? Math.max(PLACES.least, Math.floor(this.places / 2)) : Math.min(PLACES.most, this.places + 1);
  }
}
