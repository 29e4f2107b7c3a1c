import { DAY_MS, type KeyUsage, SHOWN_DAYS } from '../../api/api-key-usage';

/** Calls with a key that were allowed, and that were refused. */
interface Calls {
  readonly good: number;
  readonly bad: number;
}

/** The calls of each of the last days, the oldest first; a day ends at this time of the day. */
export function callsByDay(buckets: KeyUsage['buckets'], nowMs: number): readonly Calls[] {
  const days = Array.from({ length: SHOWN_DAYS }, () => ({ good: 0, bad: 0 }));
  for (const { at, allowed, refused } of buckets) {
    // The first hour began before the first day, and counts as a whole; the last one may begin after now by another clock.
    const day = days.at(-1 - Math.min(SHOWN_DAYS - 1, Math.max(0, Math.floor((nowMs - Date.parse(at)) / DAY_MS))));
    if (day === undefined) continue;
    day.good += allowed;
    day.bad += refused;
  }
  return days;
}
