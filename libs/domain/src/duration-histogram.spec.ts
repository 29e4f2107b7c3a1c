import fc from 'fast-check';
import { DURATION_SLOTS, durationQuantileMs, durationSlot } from './duration-histogram';

function histogramOf(durationsMs: readonly number[]): number[] {
  const counts = Array.from({ length: DURATION_SLOTS }, () => 0);
  for (const durationMs of durationsMs) counts[durationSlot(durationMs)] = (counts[durationSlot(durationMs)] ?? 0) + 1;
  return counts;
}

it('counts a duration below the first bound that is above it', () => {
  const bounds = Array.from({ length: DURATION_SLOTS - 1 }, (_, step) => 2 ** (step / 2));
  for (let durationMs = 0; durationMs < 32_768; durationMs += 1) {
    expect(durationSlot(durationMs)).toBe(bounds.findIndex((boundMs) => durationMs < boundMs));
  }
});

it('says nothing about nothing', () => {
  expect(durationQuantileMs(histogramOf([]), 0.95)).toBeNull();
});

it('counts what is longer than every bound, and shows it as the highest bound', () => {
  expect(durationSlot(1e9)).toBe(DURATION_SLOTS - 1);
  expect(durationQuantileMs(histogramOf([1e9]), 0.5)).toBe(32_768);
});

it('is at most 41 % away from the true quantile', () => {
  const durations = fc.array(fc.double({ min: 1, max: 32_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95), (durationsMs, share) => {
      const estimate = durationQuantileMs(histogramOf(durationsMs), share) ?? NaN;
      const exact = durationsMs.toSorted((a, b) => a - b)[Math.ceil(share * durationsMs.length) - 1] ?? NaN;
      expect(estimate / exact).toBeGreaterThan(1 / 1.4143);
      expect(estimate / exact).toBeLessThan(1.4143);
    }),
  );
});
