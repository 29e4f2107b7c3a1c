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
  /** The longest time, over all blows, until all that was accepted before or just after had arrived. */
  readonly recoveryMs: number;
}

/** What takes no longer than this, from its 202 to its receipt, was not held up. */
const PROMPT_MS = 1_000;
/** As {@link PROMPT_MS}, from a refusal to the receipt that follows: the schedule has it wait for 2 s ± 20 %. */
const PROMPT_RETRY_MS = 4_000;
/** Events accepted so long after a blow count as struck by it, when they are late. */
const AFTERMATH_MS = 5_000;

/** Compares what was accepted with what arrived, and when. Pure. */
export function judgeTally(tally: Tally, blows: readonly Blow[]): Verdict {
  const incomplete = new Set<string>();
  let duplicated = 0;
  let recoveryMs = 0;
  for (const delivery of tally.deliveries()) {
    const taken = delivery.receipts.filter(isTaken).length;
    if (taken === 0) incomplete.add(delivery.event.id);
    duplicated += Math.max(0, taken - 1);
    recoveryMs = Math.max(recoveryMs, heldUpMs(delivery, blows));
  }
  const accepted = tally.acceptedCount;
  return {
    accepted,
    arrived: accepted - incomplete.size,
    lost: incomplete.size,
    duplicated,
    duplicatedMax: blows.reduce((sum, { inFlight }) => sum + inFlight, 0),
    recoveryMs,
  };
}

/** From the last blow before a late receipt to that receipt; 0 for one that is not late, or later for a reason of its own. */
function heldUpMs({ event, receipts }: DeliveryTally, blows: readonly Blow[]): number {
  const arrival = receipts.find(isTaken);
  if (arrival === undefined) return 0;
  const refusal = receipts.findLast((receipt) => !isTaken(receipt) && receipt.atMs < arrival.atMs);
  const dueMs = refusal === undefined ? event.acceptedAtMs + PROMPT_MS : refusal.atMs + PROMPT_RETRY_MS;
  if (arrival.atMs <= dueMs) return 0;
  const blow = blows.findLast(({ sinceMs }) => sinceMs < arrival.atMs);
  if (blow === undefined || event.acceptedAtMs > blow.sinceMs + AFTERMATH_MS) return 0;
  return arrival.atMs - blow.sinceMs;
}
