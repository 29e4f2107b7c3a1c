const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';

/** The three forms of an HTTP-date that a recipient must accept (RFC 9110 §5.6.7). */
const HTTP_DATE_FORMS = [
  new RegExp(`^${DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`),
  new RegExp(`^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];
const DELTA_SECONDS = /^\d+$/;

/** A two-digit year that seems more than 50 years away in the future is the most recent past year with these digits (same section). */
function fullYear(text: string, nowMs: number): number {
  const year = Number(text);
  if (text.length === 4) return year;
  const thisYear = new Date(nowMs).getUTCFullYear();
  const sameCentury = thisYear - (thisYear % 100) + year;
  return sameCentury > thisYear + 50 ? sameCentury - 100 : sameCentury;
}

function parseHttpDate(text: string, nowMs: number): number | null {
  for (const form of HTTP_DATE_FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number);
    if (day === undefined || hour === undefined || minute === undefined || second === undefined) return null;
    if (hour > 23 || minute > 59 || second > 60) return null;
    const month = MONTHS.indexOf(parts.month ?? '');
    const midnight = new Date(0);
    midnight.setUTCFullYear(fullYear(parts.year ?? '', nowMs), month, day);
    // A day that the month does not have leads into another month and is refused.
    if (midnight.getUTCMonth() !== month) return null;
    return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000;
  }
  return null;
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP-date in any of its three forms.
 *
 * @param nowMs what a date is measured from, in milliseconds since 1970.
 * @returns the wait in milliseconds, 0 for a date in the past, null when the header is missing or is neither.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (DELTA_SECONDS.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  const dateMs = parseHttpDate(text, nowMs);
  return dateMs === null ? null : Math.max(0, dateMs - nowMs);
}
