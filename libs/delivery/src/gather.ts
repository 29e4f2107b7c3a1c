/** A last group of this size says that the process is busy. */
const BUSY_GROUP = 8;
/** How much longer a group may then grow: larger groups cost less each, and nobody waits long. */
const BUSY_GATHER_MS = 3;

/**
 * Resolves when a group is to be closed: after one turn of the event loop, so that what arrives alone goes at once, or a moment
 * later when the last group was large.
 */
export function gather(lastGroup: number): Promise<void> {
  return new Promise((resolve) => {
    if (lastGroup >= BUSY_GROUP) setTimeout(resolve, BUSY_GATHER_MS);
    else setImmediate(resolve);
  });
}
