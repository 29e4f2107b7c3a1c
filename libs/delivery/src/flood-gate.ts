import type { Lane } from './lane';

/** For so long after an attempt of theirs, others may need the worker any moment. */
const OTHERS_MS = 1_000;
/** How often the places are adapted, at most. */
const ADAPT_MS = 25;
/** The share of its time that the event loop may work while there are others; and at most, when floods have been held back for long. */
const BUSY_SHARE = { usual: 0.2, most: 0.6 };
/** What has been held back for longer is given ever more: floods that last get on after some minutes. */
const PATIENCE_MS = 30_000;
/** After so long without having held anything back, patience begins anew. */
const PASSED_MS = 1_000;
/** Requests that may be in flight. */
const PLACES = { least: 2, first: 4, most: 4_096 };
/** Attempts that may be begun between two adaptations, whatever is in flight: slow endpoints take places, and no time. */
const BEGUN_LEAST = 10;

/**
 * How many attempts for flooded webhooks may be under way. Alone, they have no bound here. While others are served, there are as many as
 * leave the event loop most of its time, for it is busy, too, when it has to wait for the processors that all processes share: one more
 * while it has time, half as many when it has not. When they have been held back for minutes, they leave ever less to others, up to a bound.
 */
export class FloodGate {
  private places = PLACES.first;
  private begun = 0;
  private adaptedAtMs = -Infinity;
  /** Since when something has been held back again and again, and when last. */
  private held = { sinceMs: 0, lastMs: 0 };
  /** Lanes that were not flooded when they were served, and when that was last; in that order. */
  private readonly others = new Map<Lane, number>();

  /** @param busyShare - the share of its time that the event loop worked since it was asked last */
  constructor(private readonly busyShare: () => number) {}

  /** An attempt was begun for a lane that is not flooded. Should it be so soon, that holds neither itself back nor others like it. */
  othersServed(lane: Lane, nowMs: number): void {
    if (!this.isShared(nowMs)) this.reset(nowMs);
    this.others.delete(lane);
    this.others.set(lane, nowMs);
  }

  /** Whether an attempt may be begun, beside so many that are in flight; it then counts. */
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
