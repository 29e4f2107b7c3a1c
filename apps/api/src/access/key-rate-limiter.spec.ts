import type { ApiKeyId } from '@signpost/domain';
import { KeyRateLimiter, type PermitSource } from './key-rate-limiter';

const ONE = 'one' as ApiKeyId;
const TWO = 'two' as ApiKeyId;

/** Buckets that hold a second's worth, as PostgreSQL keeps them. */
class Buckets implements PermitSource {
  private readonly buckets = new Map<ApiKeyId, { permits: number; atMs: number }>();
  questions = 0;

  constructor(private readonly nowMs: () => number) {}

  async take(id: ApiKeyId, perSecond: number, wanted: number) {
    this.questions += 1;
    await Promise.resolve();
    const nowMs = this.nowMs();
    const { permits, atMs } = this.buckets.get(id) ?? { permits: perSecond, atMs: nowMs };
    const gathered = Math.min(perSecond, permits + ((nowMs - atMs) / 1000) * perSecond);
    const taken = Math.min(wanted, Math.floor(gathered));
    this.buckets.set(id, { permits: gathered - taken, atMs: nowMs });
    return { taken, waitMs: (Math.max(0, 1 - gathered + taken) / perSecond) * 1000 };
  }
}

describe('KeyRateLimiter', () => {
  let nowMs: number;
  let buckets: Buckets;
  const limiterOf = (perSecond: number | null) => new KeyRateLimiter(buckets, perSecond, () => nowMs);
  /** How many of `asked` requests that come at once get through. */
  const passed = async (
    limiter: KeyRateLimiter,
    apiKeyId: ApiKeyId,
    asked: number,
    rateLimit: number | null = null,
  ) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: asked }, async () => limiter.take({ apiKeyId, rateLimit })),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      expect(outcome.reason).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 });
    }
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  };

  beforeEach(() => {
    nowMs = 1_000_000;
    buckets = new Buckets(() => nowMs);
  });

  it("lets a second's worth through at once, then as much as time passes", async () => {
    const limiter = limiterOf(10);
    expect(await passed(limiter, ONE, 20)).toBe(10);
    nowMs += 500;
    expect(await passed(limiter, ONE, 20)).toBe(5);
    nowMs += 3_600_000;
    expect(await passed(limiter, ONE, 20)).toBe(10);
  });

  it('does not count what it refused, so that whoever keeps asking is let in again', async () => {
    const limiter = limiterOf(1);
    expect(await passed(limiter, ONE, 1)).toBe(1);
    for (let step = 0; step < 9; step += 1) {
      nowMs += 100;
      expect(await passed(limiter, ONE, 1)).toBe(0);
    }
    nowMs += 100.001;
    expect(await passed(limiter, ONE, 1)).toBe(1);
  });

  it('counts each key for itself, and all processes together', async () => {
    const [here, elsewhere] = [limiterOf(3), limiterOf(3)];
    expect([await passed(here, ONE, 2), await passed(elsewhere, ONE, 5)]).toEqual([2, 1]);
    expect(await passed(here, TWO, 5)).toBe(3);
  });

  it("takes a key's own limit before the default, and a change of it at once", async () => {
    const limiter = limiterOf(10);
    expect([await passed(limiter, ONE, 20, 3), await passed(limiter, TWO, 30, 20)]).toEqual([3, 20]);
    nowMs += 1_000;
    expect([await passed(limiter, ONE, 20, 5), await passed(limiter, TWO, 20, 2)]).toEqual([5, 2]);
    nowMs += 1_000;
    expect(await passed(limiter, ONE, 20, 5)).toBe(5);
    expect(await passed(limiter, TWO, 1, 10_000)).toBe(1);
    nowMs += 100;
    expect(await passed(limiter, TWO, 20, 2)).toBe(2);
  });

  it('asks nobody where there is no limit, seldom where it is high, and seldom for what is refused', async () => {
    expect(await passed(limiterOf(null), ONE, 1_000)).toBe(1_000);
    expect(buckets.questions).toBe(0);
    const limiter = limiterOf(2_000);
    expect(await passed(limiter, ONE, 500)).toBe(500);
    expect(buckets.questions).toBe(5);
    expect(await passed(limiter, ONE, 10_000)).toBe(1_500);
    expect(buckets.questions).toBe(21);
  });

  it('lets go of a share that grew old, so that idle processes do not gather bursts', async () => {
    const [here, elsewhere] = [limiterOf(100), limiterOf(100)];
    expect(await passed(here, ONE, 1)).toBe(1);
    nowMs += 5_000;
    expect([await passed(elsewhere, ONE, 200), await passed(here, ONE, 200)]).toEqual([100, 0]);
  });

  it('refuses all who wait when nobody says what there is, and asks again for the next one', async () => {
    const away = jest.spyOn(buckets, 'take').mockRejectedValueOnce(new Error('away'));
    const limiter = limiterOf(5);
    const outcomes = await Promise.allSettled([1, 2].map(async () => limiter.take({ apiKeyId: ONE, rateLimit: null })));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(away).toHaveBeenCalledTimes(1);
    expect(await passed(limiter, ONE, 9)).toBe(5);
  });
});
