import { type DeliveryTally, isTaken, type Tally } from './tally';

/** One time that the fault struck. */
export interface Blow {
  /**
   * From when on recovery is counted: the last sign of life of what was killed or frozen; the moment at which what was away is
   * back.
   */
  readonly sinceMs: number;
  /** Requests that may have to be made twice: those in flight, or not on record, at that moment. */
  readonly inFlight: number;
}

/** What a fault did to the events that were accepted meanwhile. */
export interface Verdict {
  readonly accepted: number;
  /** Events that every webhook has received. */
  readonly arrived: number;
  readonly lost: number;
  /** Requests that were made again although the first one had been received and not refused. */
  readonly duplicated: number;
  readonly duplicatedMax: number;
  /** For each blow, how long what arrived late after it was kept waiting at most; 0 when nothing was late. */
  readonly recoveriesMs: readonly number[];
  /** The longest of them. */
  readonly recoveryMs: number;
}

/** What takes no longer than this, from its 202 to its receipt, was not held up. */
const PROMPT_MS = 1_000;
/** As {@link PROMPT_MS}, from a refusal to the receipt that follows: the schedule has it wait for 2 s ± 20 %. */
const PROMPT_RETRY_MS = 4_000;

/** Compares what was accepted with what arrived, and when. Pure. */
export function judgeTally(tally: Tally, blows: readonly Blow[]): Verdict {
  const incomplete = new Set<string>();
  let duplicated = 0;
  const recoveriesMs = blows.map(() => 0);
  for (const delivery of tally.deliveries()) {
    const taken = delivery.receipts.filter(isTaken).length;
    if (taken === 0) incomplete.add(delivery.event.id);
    duplicated += Math.max(0, taken - 1);
    const delay = delayOf(delivery, blows);
    if (delay !== null) recoveriesMs[delay.blow] = Math.max(recoveriesMs[delay.blow] ?? 0, delay.ms);
  }
  const accepted = tally.acceptedCount;
  return {
    accepted,
    arrived: accepted - incomplete.size,
    lost: incomplete.size,
    duplicated,
    duplicatedMax: blows.reduce((sum, { inFlight }) => sum + inFlight, 0),
    recoveriesMs,
    recoveryMs: Math.max(0, ...recoveriesMs),
  };
}

/** How long after the last blow, or after its own 202 when that came later, a late receipt came; null for one that is not late. */
function delayOf({ event, receipts }: DeliveryTally, blows: readonly Blow[]): { blow: number; ms: number } | null {
  const arrival = receipts.find(isTaken);
  if (arrival === undefined) return null;
  const refusal = receipts.findLast((receipt) => !isTaken(receipt) && receipt.atMs < arrival.atMs);
  const dueMs = refusal === undefined ? event.acceptedAtMs + PROMPT_MS : refusal.atMs + PROMPT_RETRY_MS;
  if (arrival.atMs <= dueMs) return null;
  const blow = blows.findLastIndex(({ sinceMs }) => sinceMs < arrival.atMs);
  const sinceMs = blows[blow]?.sinceMs;
  if (sinceMs === undefined) return null;
  return { blow, ms: arrival.atMs - Math.max(sinceMs, event.acceptedAtMs) };
}
