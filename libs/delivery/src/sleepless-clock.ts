/** If the wall clock gains more than this on the monotonic clock, the machine has slept; less is an adjustment of the wall clock. */
const SLEEP_MS_MIN = 1_000;

/**
 * A clock that never goes back, like the monotonic clock, but also counts the time for which the whole machine was suspended: the monotonic
 * clock stands still then, and only the wall clock goes on. A wall clock that is set forward counts as sleep. That does no harm: the worker
 * then renews its lease before it trusts it.
 *
 * @returns milliseconds; only differences between them mean something
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
