import { retryDelayMs } from './retry-delay';

const NOW_MS = Date.parse('2026-02-20T08:15:30Z');

function delayMs(attempt: number, retryAfter: string | null = null, random = 1): number {
  return retryDelayMs({ attempt, retryAfter, nowMs: NOW_MS, random: () => random });
}

describe('retryDelayMs', () => {
  it('doubles up to a bound', () => {
    expect([1, 2, 3, 4, 5, 6, 30].map((attempt) => delayMs(attempt))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ]);
  });

  it('spreads a half of the delay at random', () => {
    expect([0, 0.5, 1].map((random) => delayMs(2, null, random))).toEqual([500, 750, 1_000]);
  });

  it.each([
    ['7', 7_000],
    ['Fri, 20 Feb 2026 08:15:42 GMT', 12_000],
  ])('waits for as long as Retry-After: %s says', (retryAfter, expected) => {
    expect(delayMs(1, retryAfter)).toBe(expected);
  });

  it.each(['0', '-3', 'soon', '', 'Fri, 20 Feb 2026 08:15:00 GMT'])(
    'is not shortened by Retry-After: %s',
    (retryAfter) => {
      expect(delayMs(1, retryAfter)).toBe(500);
    },
  );
});
