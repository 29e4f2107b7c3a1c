const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Units, coarsest first: the first one that fits into the distance at least once is used. */
const UNITS = [
  ['year', 365 * DAY_MS],
  ['month', 30 * DAY_MS],
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
] as const satisfies readonly (readonly [Intl.RelativeTimeFormatUnit, number])[];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });

/** "5 minutes ago", "in 2 days", "just now". */
export function relativeTime(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  const unit = UNITS.find(([, lengthMs]) => Math.abs(distanceMs) >= lengthMs);
  if (unit === undefined) return distanceMs > 0 ? 'in a moment' : 'just now';
  return relative.format(Math.trunc(distanceMs / unit[1]), unit[0]);
}

/** In the time zone of the reader, to the second. */
export function exactTime(at: string): string {
  return exact.format(new Date(at));
}
