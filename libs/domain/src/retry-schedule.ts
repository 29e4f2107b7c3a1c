const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** When each attempt is due after the one before it failed; the first entry is the delay before the first attempt. */
export const DEFAULT_RETRY_SCHEDULE_MS: readonly number[] = Object.freeze([
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
]);

/** The share by which a delay may be shorter or longer, so that deliveries that failed together do not return together. */
export const RETRY_JITTER = 0.2;

/** The longest wait that an endpoint can ask for with `Retry-After`. */
export const RETRY_AFTER_MAX_MS = 24 * HOUR_MS;

export interface NextDelayInput {
  /** Delay before attempt 1, 2, 3 … in milliseconds; its length is the number of attempts. */
  readonly schedule: readonly number[];
  /** How many attempts of the schedule have been made. */
  readonly attemptsMade: number;
  /** What the endpoint asked for; null when it asked for nothing. */
  readonly retryAfterMs: number | null;
  /** In [0, 1); spreads the delay over ± {@link RETRY_JITTER}. */
  readonly random: number;
}

/**
 * How long to wait before the next attempt, in whole milliseconds.
 * `Retry-After` never brings an attempt forward, and never holds one back for more than {@link RETRY_AFTER_MAX_MS}.
 *
 * @returns null when the schedule is exhausted, whatever the endpoint asked for.
 */
export function nextDelayMs({ schedule, attemptsMade, retryAfterMs, random }: NextDelayInput): number | null {
  const plannedMs = schedule[attemptsMade];
  if (plannedMs === undefined) return null;
  const jitteredMs = Math.round(plannedMs * (1 - RETRY_JITTER + 2 * RETRY_JITTER * random));
  return Math.max(jitteredMs, Math.min(Math.ceil(retryAfterMs ?? 0), RETRY_AFTER_MAX_MS));
}
