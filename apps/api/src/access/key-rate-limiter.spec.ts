import type { ApiKeyId } from '@signpost/domain';
import { KeyRateLimiter } from './key-rate-limiter';

const ONE = 'one' as ApiKeyId;
const TWO = 'two' as ApiKeyId;

describe('KeyRateLimiter', () => {
  let nowMs: number;
  const limiterOf = (perSecond: number | null) => new KeyRateLimiter(perSecond, () => nowMs);
  /** How many of `asked` requests get through. */
  const passed = (limiter: KeyRateLimiter, apiKeyId: ApiKeyId, asked: number, rateLimit: number | null = null) => {
    let count = 0;
    for (let request = 0; request < asked; request += 1) {
      try {
        limiter.take({ apiKeyId, rateLimit });
        count += 1;
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 });
      }
    }
    return count;
  };

  beforeEach(() => {
    nowMs = 1_000_000;
  });

  it("lets a second's worth through at once, then as much as time passes", () => {
    const limiter = limiterOf(10);
    expect(passed(limiter, ONE, 20)).toBe(10);
    nowMs += 500;
    expect(passed(limiter, ONE, 20)).toBe(5);
    nowMs += 3_600_000;
    expect(passed(limiter, ONE, 20)).toBe(10);
  });

  it('does not count what it refused, so that whoever keeps asking is let in again', () => {
    const limiter = limiterOf(1);
    expect(passed(limiter, ONE, 1)).toBe(1);
    for (let step = 0; step < 9; step += 1) {
      nowMs += 100;
      expect(passed(limiter, ONE, 1)).toBe(0);
    }
    nowMs += 100.001;
    expect(passed(limiter, ONE, 1)).toBe(1);
  });

  it('counts each key for itself', () => {
    const limiter = limiterOf(3);
    expect([passed(limiter, ONE, 5), passed(limiter, TWO, 5)]).toEqual([3, 3]);
  });

  it("takes a key's own limit before the default, and a change of it at once", () => {
    const limiter = limiterOf(10);
    expect([passed(limiter, ONE, 20, 3), passed(limiter, TWO, 30, 20)]).toEqual([3, 20]);
    nowMs += 1_000;
    expect([passed(limiter, ONE, 20, 5), passed(limiter, TWO, 20, 2)]).toEqual([5, 2]);
    expect(passed(limiterOf(null), ONE, 20, 4)).toBe(4);
  });

  it('sets no limit when there is none', () => {
    expect(passed(limiterOf(null), ONE, 1_000)).toBe(1_000);
  });
});
