import { durationSlot, type StoreId, type WebhookId } from '@signpost/domain';
import type { Attempt, LeasedDelivery, Settlement } from '@signpost/delivery';
import { float8Array, intArray, smallintArray, textArray, uuidArray } from './binary-array';

/** The results of a webhook's attempts, added up. */
interface Tally {
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  attempts: number;
  delivered: number;
  /** The duration of all attempts together. */
  durationMs: number;
  /**
   * How many attempts fell into each slot, by {@link durationSlot}. The list ends with the slot of the longest duration, because most are
   * short; slots that are missing count as zero.
   */
  readonly durations: number[];
}

/** How often the attempts of a webhook ended with one status code and one error. */
interface OutcomeCount {
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  /** 0 when there was no answer. */
  readonly statusCode: number;
  /** Empty when the attempt delivered. */
  readonly errorCode: string;
  attempts: number;
}

/** One array per column of `tally` and of `outcomes` in the record statement, in the order of its parameters. Tests do not count. */
export function tallyColumns(settlements: readonly Settlement[]): unknown[] {
  const tallies = new Map<WebhookId, Tally>();
  const outcomes = new Map<string, OutcomeCount>();
  for (const { delivery, attempt } of settlements) {
    if (attempt === null || delivery.trigger === 'test') continue;
    addUp(tallies, delivery, attempt);
    countOutcome(outcomes, delivery, attempt);
  }
  const webhooks = [...tallies.values()];
  const counts = [...outcomes.values()];
  return [
    uuidArray(webhooks, ({ webhookId }) => webhookId),
    uuidArray(webhooks, ({ storeId }) => storeId),
    intArray(webhooks, ({ attempts }) => attempts),
    intArray(webhooks, ({ delivered }) => delivered),
    float8Array(webhooks, ({ durationMs }) => durationMs),
    textArray(webhooks, ({ durations }) => `{${durations.join(',')}}`),
    uuidArray(counts, ({ storeId }) => storeId),
    uuidArray(counts, ({ webhookId }) => webhookId),
    smallintArray(counts, ({ statusCode }) => statusCode),
    textArray(counts, ({ errorCode }) => errorCode),
    intArray(counts, ({ attempts }) => attempts),
  ];
}

function addUp(tallies: Map<WebhookId, Tally>, { storeId, webhookId }: LeasedDelivery, attempt: Attempt): void {
  const { totalMs } = attempt.result.timings;
  const tally = tallies.get(webhookId) ?? newTally(storeId, webhookId);
  tallies.set(webhookId, tally);
  tally.attempts += 1;
  if (attempt.error === null) tally.delivered += 1;
  tally.durationMs += totalMs;
  const slot = durationSlot(totalMs);
  while (tally.durations.length <= slot) tally.durations.push(0);
  tally.durations[slot] = (tally.durations[slot] ?? 0) + 1;
}

function newTally(storeId: StoreId, webhookId: WebhookId): Tally {
  return { storeId, webhookId, attempts: 0, delivered: 0, durationMs: 0, durations: [] };
}

function countOutcome(outcomes: Map<string, OutcomeCount>, delivery: LeasedDelivery, attempt: Attempt): void {
  const { storeId, webhookId } = delivery;
  const statusCode = attempt.result.response?.statusCode ?? 0;
  const errorCode = attempt.error?.code ?? '';
  const key = `${webhookId} ${statusCode} ${errorCode}`;
  const count = outcomes.get(key) ?? { storeId, webhookId, statusCode, errorCode, attempts: 0 };
  count.attempts += 1;
  outcomes.set(key, count);
}
