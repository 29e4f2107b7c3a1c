const DAY_SECONDS = 86_400;
const hour = new Intl.DateTimeFormat('en', {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** When a bucket begins: days are days in UTC, hours are told in the reader's time zone. */
export function bucketText(at: string, bucketSeconds: number): string {
  return (bucketSeconds >= DAY_SECONDS ? day : hour).format(new Date(at));
}

/** The least round number that is not below a value: 1, 2 or 5 times a power of ten. */
export function niceMaximum(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
