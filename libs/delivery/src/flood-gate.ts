import type { Lane } from './lane';

/** For so long after an attempt of theirs, others may need the worker any moment. */
const OTHERS_MS = 1_000;
/** How often the places are adapted, at most. */
const ADAPT_MS = 25;
/** The share of its time that the event loop may work while there are others. */
const BUSY_SHARE_MAX = 0.2;
/** Requests that may be in flight. */
const PLACES = { least: 2, first: 4, most: 4_096 };
/** Attempts that may be begun between two adaptations, whatever is in flight: slow endpoints take places, and no time. */
const BEGUN_LEAST = 10;

/**
 * How many attempts for flooded webhooks may be under way. Alone, they have no bound here. While others are served, there are as many as
 * leave the event loop most of its time, for it is busy, too, when it has to wait for the processors that all processes share: one more
 * while it has time, half as many when it has not.
 */
export class FloodGate {
  private places = PLACES.first;
  private begun = 0;
  private adaptedAtMs = -Infinity;
  /** Lanes in which little waits, and when each was served last; in that order. */
  private readonly others = new Map<Lane, number>();

  /** @param busyShare - the share of its time that the event loop worked since it was asked last */
  constructor(private readonly busyShare: () => number) {}

  /** An attempt was begun for a lane in which little waits. */
  othersServed(lane: Lane, nowMs: number): void {
    if (!this.isShared(nowMs)) this.reset(nowMs);
    this.others.delete(lane);
    this.others.set(lane, nowMs);
  }

  /** Much waits in a lane now: what was attempted for it before holds neither itself back nor others like it. */
  flooded(lane: Lane): void {
    this.others.delete(lane);
  }

  /** Whether an attempt may be begun, beside so many that are in flight; it then counts. */
  pass(inFlight: number, nowMs: number): boolean {
    if (!this.isShared(nowMs)) return true;
    if (nowMs - this.adaptedAtMs >= ADAPT_MS) this.adapt(nowMs);
    if (inFlight >= this.places && this.begun >= BEGUN_LEAST) return false;
    this.begun += 1;
    return true;
  }

  private isShared(nowMs: number): boolean {
    for (const [lane, servedAtMs] of this.others) {
      if (nowMs - servedAtMs < OTHERS_MS) return true;
      this.others.delete(lane);
    }
    return false;
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
    const isBusy = this.busyShare() > BUSY_SHARE_MAX;
    this.places = isBusy ? Math.max(PLACES.least, Math.floor(this.places / 2)) : Math.min(PLACES.most, this.places + 1);
  }
}
