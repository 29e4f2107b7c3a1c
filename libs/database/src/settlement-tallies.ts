import { durationSlot, type StoreId, type WebhookId } from '@signpost/domain';
import type { Attempt, LeasedDelivery, Settlement } from '@signpost/delivery';
import { intArray, smallintArray, textArray, uuidArray } from './binary-array';

/** How often something came of a webhook's attempts. */
interface OutcomeCount {
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  /** 0: there was no answer. */
  readonly statusCode: number;
  /** Empty: it delivered. */
  readonly errorCode: string;
  attempts: number;
}

/** One array per column of `tally` and of `outcomes` in the record statement, in the order of its parameters. Tests do not count. */
export function tallyColumns(settlements: readonly Settlement[]): unknown[] {
  const durations = new Map<WebhookId, number[]>();
  const outcomes = new Map<string, OutcomeCount>();
  for (const { delivery, attempt } of settlements) {
    if (attempt === null || delivery.trigger === 'test') continue;
    countDuration(durations, delivery.webhookId, attempt);
    countOutcome(outcomes, delivery, attempt);
  }
  const slots = [...durations];
  const counts = [...outcomes.values()];
  return [
    uuidArray(slots, ([webhookId]) => webhookId),
    textArray(slots, ([, counts]) => `{${counts.join(',')}}`),
    uuidArray(counts, ({ storeId }) => storeId),
    uuidArray(counts, ({ webhookId }) => webhookId),
    smallintArray(counts, ({ statusCode }) => statusCode),
    textArray(counts, ({ errorCode }) => errorCode),
    intArray(counts, ({ attempts }) => attempts),
  ];
}

/** Only as long as the longest duration needs: most are short, and what is not there counts as zero. */
function countDuration(durations: Map<WebhookId, number[]>, webhookId: WebhookId, { result }: Attempt): void {
  const slots = durations.get(webhookId) ?? [];
  durations.set(webhookId, slots);
  const slot = durationSlot(result.timings.totalMs);
  while (slots.length <= slot) slots.push(0);
  slots[slot] = (slots[slot] ?? 0) + 1;
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
