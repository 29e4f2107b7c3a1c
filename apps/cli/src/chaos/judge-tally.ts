import { type DeliveryTally, isTaken, type Tally } from './tally';

/** One strike of a fault. */
export interface Blow {
  /**
   * The moment from which recovery is measured: the last sign of life of a process that was killed or frozen, or the moment at which a part
   * that had been away was back.
   */
  readonly sinceMs: number;
  /** How many requests may have to be made twice: those that were in flight, or not on record, at that moment. */
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
  /** For each blow, the longest time that a late delivery took to arrive after it; 0 when none was late. */
  readonly recoveriesMs: readonly number[];
  /** The longest of them. */
  readonly recoveryMs: number;
}

/** A delivery that is received within this time of its 202 is not late. */
const PROMPT_MS = 1_000;
/** As {@link PROMPT_MS}, but from a refusal to the next receipt: the schedule has the retry wait for 2 s ± 20 %. */
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

/** How long after the last blow before it a late receipt came, or after its own 202 when that was later; null when it was not late. */
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
