import { SignpostError, type ApiKeyId } from '@signpost/domain';
import type { RecognisedKey } from './caller';

/** Where all API processes take the permits of a key from. */
export interface PermitSource {
  /** @returns how many permits were taken, `wanted` at most, and when none were left, how long to wait for the next one */
  take(id: ApiKeyId, perSecond: number, wanted: number): Promise<{ readonly taken: number; readonly waitMs: number }>;
}

/** The permits of one key that this process has taken. */
interface Share {
  readonly perSecond: number;
  permits: number;
  /** When they were taken. */
  atMs: number;
  /** Until then the source is not asked again, because it had fewer permits than were wanted. */
  emptyUntilMs: number;
  /** The question to the source that is under way, if there is one. */
  asking: Promise<void> | null;
}

/** A process takes the permits of this much time at once, so that it asks for each key about twenty times a second at most. */
const SHARE_SECONDS = 0.05;
/** When the source had fewer permits than were wanted, it is not asked again before this time is over. */
const WAIT_MS_MIN = 20;
/** Permits that are not used within this time are dropped; they count as used. */
const KEEP_MS = 1_000;
const FORGET_AFTER_MS = 60_000;

/**
 * Lets each API key make a number of requests per second, one second's worth at once, on all API processes together. Keys without a limit
 * cost nothing. For a key with a limit, a process takes several permits at a time, and never asks twice at the same time.
 */
export class KeyRateLimiter {
  private shares = new Map<ApiKeyId, Share>();
  private sweptAtMs = 0;

  /**
   * @param perSecondDefault - for keys without a limit of their own; null: no limit
   * @param nowMs - a clock in milliseconds; only differences count
   */
  constructor(
    private readonly source: PermitSource,
    private readonly perSecondDefault: number | null,
    private readonly nowMs: () => number,
  ) {}

  /**
   * @returns null for a key without a limit, so that the caller need not wait
   * @throws SignpostError `rate_limited` when the key has used up its permits, `unavailable` when the source cannot be asked
   */
  take({ apiKeyId, rateLimit }: Pick<RecognisedKey, 'apiKeyId' | 'rateLimit'>): Promise<void> | null {
    const perSecond = rateLimit ?? this.perSecondDefault;
    return perSecond === null ? null : this.takeOf(apiKeyId, perSecond);
  }

  private async takeOf(apiKeyId: ApiKeyId, perSecond: number): Promise<void> {
    const share = this.shareOf(apiKeyId, perSecond);
    for (;;) {
      const nowMs = this.nowMs();
      if (share.permits > 0 && nowMs - share.atMs < KEEP_MS) {
        share.permits -= 1;
        return;
      }
      if (nowMs < share.emptyUntilMs) throw rateLimited(perSecond);
      share.asking ??= this.ask(share, apiKeyId).finally(() => (share.asking = null));
      await share.asking;
    }
  }

  private async ask(share: Share, id: ApiKeyId): Promise<void> {
    const { perSecond } = share;
    const wanted = Math.ceil(perSecond * SHARE_SECONDS);
    const { taken, waitMs } = await this.source.take(id, perSecond, wanted);
    share.permits = taken;
    share.atMs = this.nowMs();
    share.emptyUntilMs = taken === wanted ? share.atMs : share.atMs + Math.max(WAIT_MS_MIN, waitMs);
  }

  /** Begins anew when the limit has changed: permits taken under the old one are dropped. */
  private shareOf(id: ApiKeyId, perSecond: number): Share {
    const nowMs = this.nowMs();
    this.forgetIdle(nowMs);
    const known = this.shares.get(id);
    if (known?.perSecond === perSecond) return known;
    const share: Share = { perSecond, permits: 0, atMs: nowMs, emptyUntilMs: nowMs, asking: null };
    this.shares.set(id, share);
    return share;
  }

  private forgetIdle(nowMs: number): void {
    if (nowMs - this.sweptAtMs < FORGET_AFTER_MS) return;
    this.sweptAtMs = nowMs;
    this.shares = new Map(
      [...this.shares].filter(([, { atMs, asking }]) => asking !== null || nowMs - atMs < FORGET_AFTER_MS),
    );
  }
}

function rateLimited(perSecond: number): SignpostError {
  return new SignpostError('rate_limited', `The API key may make ${perSecond} requests per second.`, {
    retryAfterSeconds: 1,
  });
}
