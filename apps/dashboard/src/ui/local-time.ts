const MINUTE_MS = 60_000;

/** A time as a field of the type `datetime-local` has it: in the reader's time zone, to the minute. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** What was entered there. @returns null when nothing was */
export function isoTime(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString();
}
