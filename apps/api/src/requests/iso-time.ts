const PATTERN =
  /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/i;

/** PostgreSQL knows no year 0, and the answer's form has four digits for the year. */
export const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
export const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** What a time has to look like, for messages. */
export const ISO_TIME_RULE =
  'an ISO 8601 time with a zone, such as 2026-02-20T08:15:30.412Z or 2026-02-20T09:15:30+01:00';

/**
 * Reads a moment: ISO 8601 extended format with `Z` or an offset; a local time without a zone is not a moment. Its letters may be small, as
 * in the `date-time` of RFC 3339. Digits behind the millisecond are cut.
 *
 * @returns milliseconds since 1970, in the years 1 to 9999 UTC; null for anything else, also for a day that the month does not have
 */
export function readIsoTime(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, date = '', clock, seconds = '00', fraction = '', sign, offsetHours, offsetMinutes] = match;
  const localMs = Date.parse(`${date}T${clock}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // A day that the month does not have rolls over into the next one.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString().slice(0, 10) !== date) return null;
  const offsetMs = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  const timeMs = sign === '-' ? localMs + offsetMs : localMs - offsetMs;
  return timeMs >= EARLIEST_MS && timeMs <= LATEST_MS ? timeMs : null;
}
