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
  let lastMonotonicMs = monotonicMs();
  let lastWallMs = wallMs();
  let elapsedMs = 0;
  return () => {
    const nowMonotonicMs = monotonicMs();
    const nowWallMs = wallMs();
    const awakeMs = nowMonotonicMs - lastMonotonicMs;
    const passedMs = nowWallMs - lastWallMs;
    elapsedMs += passedMs - awakeMs > SLEEP_MS_MIN ? passedMs : awakeMs;
    lastMonotonicMs = nowMonotonicMs;
    lastWallMs = nowWallMs;
    return elapsedMs;
  };
}
