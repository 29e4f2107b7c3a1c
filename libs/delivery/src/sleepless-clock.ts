/** A difference between the two clocks that is no adjustment of the wall clock, but sleep. */
const SLEEP_MS_MIN = 1_000;

/**
 * A clock that never goes back, like the monotonic one, and that also counts the time for which the whole machine was suspended: there
 * the monotonic one stands still, and only the wall clock knows. A wall clock that is set forward counts as sleep, which does no harm:
 * a lease is then heard of anew before it is trusted.
 *
 * @returns milliseconds, of which only differences mean something
 */
export function sleeplessClock(monotonicMs: () => number, wallMs: () => number): () => number {
  let last = { monotonicMs: monotonicMs(), wallMs: wallMs() };
  let elapsedMs = 0;
  return () => {
    const now = { monotonicMs: monotonicMs(), wallMs: wallMs() };
    const awakeMs = now.monotonicMs - last.monotonicMs;
    const passedMs = now.wallMs - last.wallMs;
    elapsedMs += passedMs - awakeMs > SLEEP_MS_MIN ? passedMs : awakeMs;
    last = now;
    return elapsedMs;
  };
}
