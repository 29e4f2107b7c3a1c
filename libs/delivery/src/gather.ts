/** How long a group is held open, in milliseconds. */
export interface Patience {
  /** So long for a group of any size, but no longer than a millisecond for each item of the one before. */
  readonly usualMs: number;
  /** So long for a large one, as long as more is coming. */
  readonly mostMs: number;
}

/** When nothing has come for so long, nobody is coming: all who publish may be waiting for this very group. */
const QUIET_MS = 2;

/**
 * Resolves when a group is to be closed. What arrives alone goes at once, after one turn of the event loop. Where several came together the
 * next ones are waited for: from a thousand a second on, groups grow until they cost little each, and below they shrink to one again. From
 * two thousand on they grow further, for half a millisecond more with each item. A full group is not held open at all.
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

/** Ends behind the input of the turn in which its time is up. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  await new Promise((resolve) => setImmediate(resolve));
}
