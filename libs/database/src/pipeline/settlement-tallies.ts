import { durationSlot, type StoreId, type WebhookId } from '@signpost/domain';
import type { Attempt, LeasedDelivery, Settlement } from '@signpost/delivery';
import { column, type Columns } from '../sql/column';

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

/** What a record adds to the statistics. */
export interface Tallies {
  readonly tallies: readonly Tally[];
  readonly outcomes: readonly OutcomeCount[];
}

/** Adds up the attempts that led to settlements. Tests do not count. */
export function tallyUp(settlements: readonly Settlement[]): Tallies {
  const tallies = new Map<WebhookId, Tally>();
  const outcomes = new Map<string, OutcomeCount>();
  for (const { delivery, attempt } of settlements) {
    if (attempt === null || delivery.trigger === 'test') continue;
    addUp(tallies, delivery, attempt);
    countOutcome(outcomes, delivery, attempt);
  }
  return { tallies: [...tallies.values()], outcomes: [...outcomes.values()] };
}

export const TALLY_COLUMNS = {
  webhook_id: column.uuid(({ webhookId }) => webhookId),
  store_id: column.uuid(({ storeId }) => storeId),
  attempts: column.int(({ attempts }) => attempts),
  delivered: column.int(({ delivered }) => delivered),
  duration_ms: column.float8(({ durationMs }) => durationMs),
  durations: column.text(({ durations }) => `{${durations.join(',')}}`),
} satisfies Columns<Tally>;

export const OUTCOME_COLUMNS = {
  store_id: column.uuid(({ storeId }) => storeId),
  webhook_id: column.uuid(({ webhookId }) => webhookId),
  status_code: column.smallint(({ statusCode }) => statusCode),
  error_code: column.text(({ errorCode }) => errorCode),
  attempts: column.int(({ attempts }) => attempts),
} satisfies Columns<OutcomeCount>;

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
