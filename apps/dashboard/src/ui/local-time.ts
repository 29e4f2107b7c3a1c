const MINUTE_MS = 60_000;

/** The latest time that such a field accepts. With it, the year has four digits, and typing goes on to the next part after the fourth. */
export const LATEST_LOCAL_TIME = '9999-12-31T23:59';

/** A time as a field of the type `datetime-local` has it: in the reader's time zone, to the minute. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** The time that was entered in such a field. @returns null when there is none */
export function isoTime(local: string): string | null {
  // Such a field takes years that ISO 8601 writes with a sign.
  const text = local.replace(/^\d{5,6}(?=-)/, (year) => `+${year.padStart(6, '0')}`);
  return text === '' ? null : new Date(text).toISOString();
}
