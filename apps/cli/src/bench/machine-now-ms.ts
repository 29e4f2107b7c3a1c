/**
 * The machine's monotonic clock in milliseconds. All processes of the machine read the same one, and nobody can set it, so what one
 * process sent and another one received can be subtracted.
 */
export function machineNowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
