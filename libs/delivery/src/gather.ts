/** How long a group is held open, in milliseconds. */
export interface Patience {
  /** The usual time, for a group of any size; no longer than a millisecond for each item of the group before. */
  readonly usualMs: number;
  /** The longest time, for a large group to which more keeps coming. */
  readonly mostMs: number;
}

/** When nothing has come for this long, nothing is coming: all who publish may be waiting for this very group. */
const QUIET_MS = 2;

/**
 * Resolves when a group is to be closed. What arrives alone goes at once, after one turn of the event loop. After a group of several, the
 * next one is held open: from a thousand items a second on, groups grow until each item costs little; at lower rates they shrink to one
 * item again. From two thousand a second on they grow further, as each item holds the group open for half a millisecond more. A full group
 * is not held open at all.
 *
 * @param lastGroup - how many items the group before had
 * @param arrived - how many have come since
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

/** Resolves once the input has been handled that is there when the time is up. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  await new Promise((resolve) => setImmediate(resolve));
}
