/** What is kept of a webhook's circuit breaker between attempts. Plain numbers, for a row in PostgreSQL. */
export interface BreakerState {
  /** Failed attempts since the last success. */
  readonly failures: number;
  /** How often the breaker has opened since the last success: once, and once more for each failed probe. */
  readonly openings: number;
  /** Until when no attempt is made, in milliseconds since 1970; null while closed. Once it is past, one probe may go. */
  readonly openUntilMs: number | null;
}

export interface BreakerPolicy {
  /** Consecutive failures that open the breaker. */
  readonly threshold: number;
  /** How long it stays open the first time. */
  readonly firstOpenMs: number;
  /** The longest it ever stays open before the next probe. */
  readonly maxOpenMs: number;
}

export const DEFAULT_BREAKER_POLICY: BreakerPolicy = Object.freeze({
  threshold: 10,
  firstOpenMs: 5_000,
  maxOpenMs: 5 * 60_000,
});

/** The state after a success, which forgets all failures before it. */
export const CLOSED_BREAKER: BreakerState = Object.freeze({ failures: 0, openings: 0, openUntilMs: null });

/**
 * What a failed attempt does to the breaker. Below the threshold it only counts. From the threshold on it opens, and each
 * failed probe doubles the time up to `maxOpenMs`. Attempts that were in flight when it opened and fail while it is open
 * do not lengthen it: forty failures at once open it once.
 *
 * @param nowMs when the attempt ended, in milliseconds since 1970, by the clock that `openUntilMs` is compared with.
 */
export function afterFailure(state: BreakerState, nowMs: number, policy: BreakerPolicy): BreakerState {
  const failures = state.failures + 1;
  if (breakerPhase(state, nowMs) === 'open') return { ...state, failures };
  if (failures < policy.threshold) return { ...state, failures };
  const openMs = Math.min(policy.firstOpenMs * 2 ** state.openings, policy.maxOpenMs);
  return { failures, openings: state.openings + 1, openUntilMs: nowMs + openMs };
}

/** `closed`: attempts go. `open`: none goes. `probing`: one goes, and its outcome decides. */
export type BreakerPhase = 'closed' | 'open' | 'probing';

/** The phase at a moment. At `openUntilMs` itself it is `probing` already. */
export function breakerPhase(state: BreakerState, nowMs: number): BreakerPhase {
  if (state.openUntilMs === null) return 'closed';
  return nowMs < state.openUntilMs ? 'open' : 'probing';
}
