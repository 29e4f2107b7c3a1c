import type { AttemptErrorCode } from './attempt';
import { type BreakerState, breakerPhase } from './breaker';

/** What decides whether a webhook's waiting deliveries may go, as it stands in PostgreSQL for all workers. */
export interface GateState {
  readonly breaker: BreakerState;
  /** Requests that the rate limit allows at once, as of `permitsAtMs`. */
  readonly permits: number;
  readonly permitsAtMs: number;
  /** Requests per second; null is unlimited. */
  readonly rateLimit: number | null;
  readonly webhook: 'enabled' | 'disabled' | 'deleted';
  readonly keyActive: boolean;
}

/**
 * What the gate says to a worker that has room for some deliveries.
 * - `pass`: up to `limit` may go; `permits` are left afterwards if all of them do.
 * - `probe`: the breaker lets exactly one through, whose outcome decides.
 * - `wait`: none may go before `untilMs`.
 * - `hold`: no active key signs for the webhook: they wait until one does.
 * - `cancel`: the webhook was disabled or deleted.
 */
export type GateDecision =
  | { readonly kind: 'pass'; readonly limit: number }
  | { readonly kind: 'probe' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'cancel'; readonly errorCode: AttemptErrorCode };

/**
 * How many permits may be saved up, as a share of those of one second, beyond one whole permit: enough to make up for a wake that comes
 * late on a busy machine. The limit on requests in flight to the webhook keeps its endpoint from seeing a burst.
 */
const BURST_SECONDS = 0.4;
/** For how many permits a gate waits, as a share of those of one second: at a high rate, each claim then takes several deliveries. */
const WAIT_SECONDS = 0.1;

/**
 * Decides what may pass a gate, from nothing but its arguments.
 *
 * @param nowMs - by the clock of the gate's times
 * @param wanted - how many deliveries the worker has room for, at least 1
 */
export function decideGate(gate: GateState, nowMs: number, wanted: number): GateDecision {
  if (gate.webhook === 'deleted') return { kind: 'cancel', errorCode: 'webhook_deleted' };
  if (gate.webhook === 'disabled') return { kind: 'cancel', errorCode: 'webhook_disabled' };
  if (!gate.keyActive) return { kind: 'hold' };
  const phase = breakerPhase(gate.breaker, nowMs);
  if (phase === 'open') return { kind: 'wait', untilMs: gate.breaker.openUntilMs ?? nowMs };
  if (phase === 'probing') return { kind: 'probe' };
  if (gate.rateLimit === null) return { kind: 'pass', limit: wanted };
  const permits = permitsAt(gate, nowMs);
  if (permits >= 1) return { kind: 'pass', limit: Math.min(wanted, Math.floor(permits)) };
  const missing = Math.max(1, gate.rateLimit * WAIT_SECONDS) - permits;
  return { kind: 'wait', untilMs: nowMs + Math.ceil((missing / gate.rateLimit) * 1000) };
}

/**
 * Permits that have gathered by now: a token bucket that refills at the rate limit. 0 for a webhook without a rate limit, for which none
 * are counted.
 */
export function permitsAt(gate: Pick<GateState, 'permits' | 'permitsAtMs' | 'rateLimit'>, nowMs: number): number {
  if (gate.rateLimit === null) return 0;
  const gathered = gate.permits + (Math.max(0, nowMs - gate.permitsAtMs) / 1000) * gate.rateLimit;
  return Math.min(gathered, 1 + gate.rateLimit * BURST_SECONDS);
}
