/** The finest grain of wakes: a webhook gets at most ten jobs a second. */
const BUCKET_MS_MIN = 100;
/** A wake may come late by this share of its delay, so that wakes in the far future share few jobs. */
const LATENESS_MAX = 1 / 16;

/**
 * Rounds the due time of a wake up to the end of its bucket. All wakes of a webhook that fall into one bucket are one job; the
 * wider the delay, the wider the bucket, so a webhook that fails for a day holds some hundred jobs, not one per second.
 *
 * The end always lies in the future: the job of a bucket cannot have started while wakes are still added to the bucket. So no wake is lost
 * because its job has already looked for due deliveries.
 *
 * @param nowMs the caller's clock, milliseconds since 1970
 * @param delayMs how long from now; a negative delay counts as none
 * @returns milliseconds since 1970, later than `nowMs` + `delayMs` by at most 100 ms or a sixteenth of the delay
 */
export function wakeBucketEndMs(nowMs: number, delayMs: number): number {
  const delay = Math.max(0, delayMs);
  let bucketMs = BUCKET_MS_MIN;
  while (bucketMs * 2 <= delay * LATENESS_MAX) bucketMs *= 2;
  // Buckets of all widths are aligned to the same grid, so a wide one ends where a narrow one ends too.
  return (Math.floor((nowMs + delay) / bucketMs) + 1) * bucketMs;
}
