import { SignpostError, type ApiKeyId } from '@signpost/domain';
import type { RecognisedKey } from './caller';

/** Where all API processes take the permits of a key from. */
export interface PermitSource {
  /** @returns what was there, `wanted` at most, and how long to wait where that was nothing */
  take(id: ApiKeyId, perSecond: number, wanted: number): Promise<{ readonly taken: number; readonly waitMs: number }>;
}

/** What this process has of a key's permits. */
interface Share {
  readonly perSecond: number;
  permits: number;
  /** When they were taken. */
  atMs: number;
  /** There are none anywhere before. */
  emptyUntilMs: number;
  /** While it is asked for more. */
  asking: Promise<void> | null;
}

/** A process takes what this much time brings, so that it asks twenty times a second at most. */
const SHARE_SECONDS = 0.05;
/** Where there was less, it asks again after this time at the earliest. */
const WAIT_MS_MIN = 20;
/** What is not used by then is let go: it counts as used. */
const KEEP_MS = 1_000;
const FORGET_AFTER_MS = 60_000;

/**
 * Lets each API key make a number of requests per second, one second's worth at once, on all API processes together. Keys without
 * a limit cost nothing; for the others a process asks for a share of permits at a time, one question a key at once.
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
   * @returns null where there is no limit, so that nobody has to wait for it
   * @throws SignpostError `rate_limited` when the key has used up what it may, `unavailable` when nobody says whether it has
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

  /** What was taken under another limit is let go. */
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
