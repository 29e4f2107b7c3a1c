/**
 * Resolves when a group is to be closed. What arrives alone goes at once, after one turn of the event loop. Where several came together the
 * next ones are waited for, a millisecond for each: from a thousand a second on, groups grow until they cost little each, and below they
 * shrink to one again.
 *
 * @param msMax - nobody waits longer for others to come
 */
export function gather(lastGroup: number, msMax: number): Promise<void> {
  return new Promise((resolve) => {
    if (lastGroup > 1) setTimeout(resolve, Math.min(msMax, lastGroup));
    else setImmediate(resolve);
  });
}
