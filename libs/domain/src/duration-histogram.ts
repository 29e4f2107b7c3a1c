/** Each bound is √2 times the one before, from 1 ms to 32,768 ms: a quantile read from the histogram is at most 41 % off. */
const BOUNDS_MS: readonly number[] = Object.freeze(Array.from({ length: 31 }, (_, step) => 2 ** (step / 2)));

/** How many slots a histogram of durations has: one below each bound, and one for what is above them all. */
export const DURATION_SLOTS = BOUNDS_MS.length + 1;

/** @returns the index of the slot that counts a duration in milliseconds, from 0 */
export function durationSlot(durationMs: number): number {
  if (durationMs < 1) return 0;
  return Math.min(BOUNDS_MS.length, Math.floor(2 * Math.log2(durationMs)) + 1);
}

/**
 * Estimates the duration below which a share of all durations lies, as if those of each slot were spread evenly over it.
 *
 * @param counts how many durations fell into each slot, {@link DURATION_SLOTS} of them
 * @param share from 0 to 1: 0.95 for the 95th percentile
 * @returns milliseconds, at most the highest bound; null when nothing was counted
 */
export function durationQuantileMs(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [slot, count] of counts.entries()) {
    const fromMs = BOUNDS_MS[slot - 1] ?? 0;
    const toMs = BOUNDS_MS[slot] ?? fromMs;
    if (count > 0 && left <= count) return fromMs + (toMs - fromMs) * (left / count);
    left -= count;
  }
  return BOUNDS_MS.at(-1) ?? null;
}
