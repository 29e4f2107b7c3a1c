/** How long a group is held open, in milliseconds. */
export interface Patience {
  /** The usual time, for a group of any size; no longer than a millisecond for each item of the group before. */
  readonly usualMs: number;
  /** The longest time, for a large group to which more keeps coming. */
  readonly mostMs: number;
}

/** When no item has come for this long, the group is closed: everybody who publishes may be waiting for this very group. */
const QUIET_MS = 2;

/**
 * Resolves when a group is to be closed. After a group of one item, the next group is closed after one turn of the event loop. After a
 * group of several, the next group is held open. From a thousand items a second on, groups grow until each item costs little; at lower
 * rates they shrink to one item again. From two thousand a second on they grow further, because each item of the group before holds the
 * next group open for half a millisecond more. A full group is not held open at all.
 *
 * @param lastGroup - how many items the group before had
 * @param arrived - how many items have come since
 * @param isFull - whether the group takes no more
 */
export async function gather(
  lastGroup: number,
  patience: Patience,
  arrived: () => number,
  isFull: () => boolean = () => false,
): Promise<void> {
  if (isFull()) return;
  if (lastGroup <= 1) return pause(0);
  const closesAtMs = performance.now() + Math.min(lastGroup / 2, patience.mostMs);
  await pause(Math.min(lastGroup, patience.usualMs));
  for (let before = 0; arrived() > before && !isFull() && performance.now() < closesAtMs;) {
    before = arrived();
    await pause(QUIET_MS);
  }
}

/** Resolves when the time is up and the input that has arrived by then has been handled. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  await new Promise((resolve) => setImmediate(resolve));
}
