import { SignpostError, type ApiKeyId } from '@signpost/domain';
import type { RecognisedKey } from './caller';

interface Bucket {
  permits: number;
  atMs: number;
}

/** Keys that were idle for longer than this have a full bucket anyway, and are forgotten. */
const FORGET_AFTER_MS = 60_000;

/** Lets each API key make a number of requests per second, one second's worth at once. Counted per process. */
export class KeyRateLimiter {
  private buckets = new Map<ApiKeyId, Bucket>();
  private sweptAtMs = 0;

  /**
   * @param perSecondDefault - for keys without a limit of their own; null: no limit
   * @param nowMs - a clock in milliseconds; only differences count
   */
  constructor(
    private readonly perSecondDefault: number | null,
    private readonly nowMs: () => number,
  ) {}

  /** @throws SignpostError `rate_limited` when the key has used up what it may */
  take({ apiKeyId, rateLimit }: Pick<RecognisedKey, 'apiKeyId' | 'rateLimit'>): void {
    const perSecond = rateLimit ?? this.perSecondDefault;
    if (perSecond === null) return;
    const nowMs = this.nowMs();
    this.forgetIdle(nowMs);
    const bucket = this.buckets.get(apiKeyId) ?? { permits: perSecond, atMs: nowMs };
    const gathered = bucket.permits + ((nowMs - bucket.atMs) / 1000) * perSecond;
    const permits = Math.min(perSecond, gathered);
    this.buckets.set(apiKeyId, { permits: permits < 1 ? permits : permits - 1, atMs: nowMs });
    if (permits < 1) {
      throw new SignpostError('rate_limited', `The API key may make ${perSecond} requests per second.`, {
        retryAfterSeconds: 1,
      });
    }
  }

  private forgetIdle(nowMs: number): void {
    if (nowMs - this.sweptAtMs < FORGET_AFTER_MS) return;
    this.sweptAtMs = nowMs;
    this.buckets = new Map([...this.buckets].filter(([, { atMs }]) => nowMs - atMs < FORGET_AFTER_MS));
  }
}
