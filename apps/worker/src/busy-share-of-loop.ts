/** @returns a function that says which share of its time this process's event loop has worked since it was called last, from 0 to 1 */
export function busyShareOfLoop(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
