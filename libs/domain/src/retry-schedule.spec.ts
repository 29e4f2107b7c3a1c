import fc from 'fast-check';
import { DEFAULT_RETRY_SCHEDULE_MS, nextDelayMs, RETRY_AFTER_MAX_MS, RETRY_JITTER } from './retry-schedule';

const anySchedule = fc.array(fc.integer({ min: 0, max: 30 * 86_400_000 }), { minLength: 1, maxLength: 20 });
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyRetryAfter = fc.option(fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }));
const anyAttempts = fc.integer({ min: 0, max: 30 });

describe('the default schedule', () => {
  it('is at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h', () => {
    const hours = [2, 5, 10, 14, 20, 24].map((hour) => hour * 3_600_000);
    expect(DEFAULT_RETRY_SCHEDULE_MS).toEqual([0, 5_000, 300_000, 1_800_000, ...hours]);
  });

  it('cannot be changed', () => {
    expect(() => (DEFAULT_RETRY_SCHEDULE_MS as number[]).push(1)).toThrow(TypeError);
  });
});

describe('nextDelayMs', () => {
  const schedule = DEFAULT_RETRY_SCHEDULE_MS;

  it('makes the first attempt at once and spreads the second over 5 s ± 20 %', () => {
    expect(nextDelayMs({ schedule, attemptsMade: 0, retryAfterMs: null, random: 0.99 })).toBe(0);
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: null, random: 0 })).toBe(4_000);
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: null, random: 0.5 })).toBe(5_000);
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: null, random: 0.999999 })).toBe(6_000);
  });

  it('waits for Retry-After when that is later, and for 24 h at most', () => {
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: 60_000, random: 0.5 })).toBe(60_000);
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: 1e15, random: 0.5 })).toBe(86_400_000);
    expect(nextDelayMs({ schedule, attemptsMade: 1, retryAfterMs: 60_000.2, random: 0.5 })).toBe(60_001);
    expect(nextDelayMs({ schedule, attemptsMade: 2, retryAfterMs: 60_000, random: 0.5 })).toBe(300_000);
  });

  it('ends after as many attempts as the schedule has entries, whatever the endpoint asks for', () => {
    fc.assert(
      fc.property(anySchedule, anyAttempts, anyRetryAfter, anyRandom, (any, attemptsMade, retryAfterMs, random) => {
        const delayMs = nextDelayMs({ schedule: any, attemptsMade, retryAfterMs, random });
        expect(delayMs === null).toBe(attemptsMade >= any.length);
      }),
    );
  });

  it('never comes earlier because of Retry-After', () => {
    fc.assert(
      fc.property(anySchedule, anyAttempts, anyRetryAfter, anyRandom, (any, attemptsMade, retryAfterMs, random) => {
        fc.pre(attemptsMade < any.length);
        const without = nextDelayMs({ schedule: any, attemptsMade, retryAfterMs: null, random }) ?? 0;
        const withIt = nextDelayMs({ schedule: any, attemptsMade, retryAfterMs, random }) ?? -1;
        expect(withIt).toBeGreaterThanOrEqual(without);
        expect(withIt).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS));
      }),
    );
  });

  it('never waits longer than the planned delay with its jitter or the cap, in whole milliseconds', () => {
    fc.assert(
      fc.property(anySchedule, anyAttempts, anyRetryAfter, anyRandom, (any, attemptsMade, retryAfterMs, random) => {
        const delayMs = nextDelayMs({ schedule: any, attemptsMade, retryAfterMs, random }) ?? 0;
        const plannedMs = (any[attemptsMade] ?? 0) * (1 + RETRY_JITTER);
        expect(delayMs).toBeLessThanOrEqual(Math.max(Math.ceil(plannedMs), RETRY_AFTER_MAX_MS));
        expect(Number.isSafeInteger(delayMs)).toBe(true);
      }),
    );
  });
});
