const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 8_000;

export interface RetryDelayInput {
  /** How many attempts have been made, from 1. */
  readonly attempt: number;
  /** The header of the last answer, if any: seconds or an HTTP date (RFC 9110 §10.2.3). */
  readonly retryAfter: string | null;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/**
 * How long to wait before the next attempt, in milliseconds: twice as long each time, less up to half of it at random, so that many clients
 * do not come back at once. `Retry-After` can only make the wait longer.
 */
export function retryDelayMs({ attempt, retryAfter, nowMs, random }: RetryDelayInput): number {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), DELAY_MS_MAX);
  return Math.max(backoffMs * (0.5 + random() / 2), readRetryAfterMs(retryAfter, nowMs));
}

function readRetryAfterMs(value: string | null, nowMs: number): number {
  if (value === null) return 0;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? 0 : Math.max(0, timeMs - nowMs);
}
