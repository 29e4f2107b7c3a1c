import { type EventId, idTimeMs, type StoreId } from '@signpost/domain';
import type { AcceptedCount, BatchProgress, OpenBatch, StoredEvent } from '../ports/delivery-ledger';
import type { RegisteredWebhook } from '../ports/registry-source';
import type { StoreWebhooks } from '../registry';

const HOUR_MS = 3_600_000;

/** An event that very many webhooks want. */
export interface WideEvent {
  readonly eventId: EventId;
  readonly storeId: StoreId;
  readonly webhooks: number;
}

/** One event owed to one webhook. */
export interface Pair {
  readonly event: StoredEvent;
  readonly webhook: RegisteredWebhook;
}

/** What a step of a fan-out does. */
export interface StepPlan {
  readonly pairs: readonly Pair[];
  /** Events that get a batch of their own. */
  readonly wide: readonly WideEvent[];
  readonly next: BatchProgress | null;
}

/**
 * Pairs events with the webhooks that want them, from where the batch stands, up to `deliveriesMax` pairs. Events that more than
 * `webhooksMax` webhooks want are left out: they get a batch of their own. Pure: the same batch gives the same plan.
 */
export function planStep(
  batch: OpenBatch,
  webhooks: ReadonlyMap<StoreId, StoreWebhooks>,
  { deliveriesMax, webhooksMax }: { deliveriesMax: number; webhooksMax: number },
): StepPlan {
  const pairs: Pair[] = [];
  const wide: WideEvent[] = [];
  let afterWebhook = batch.afterWebhook;
  for (const [index, event] of batch.events.entries()) {
    const after = afterWebhook;
    // Only the first event goes on after a webhook, and does so even if that event is gone by now.
    afterWebhook = null;
    if (event === null) continue;
    const wanting = webhooks.get(event.storeId)?.subscribedTo(event.type) ?? [];
    if (wanting.length > webhooksMax && after === null) {
      const { id: eventId, storeId } = event;
      wide.push({ eventId, storeId, webhooks: wanting.length });
      continue;
    }
    for (const webhook of wanting) {
      if (after !== null && webhook.id <= after) continue;
      const last = pairs.at(-1);
      if (last !== undefined && pairs.length >= deliveriesMax) {
        // The last pair may be the end of an earlier event; this event then begins anew.
        const sameEvent = last.event.id === event.id;
        return {
          pairs,
          wide,
          next: { position: batch.position + index, afterWebhook: sameEvent ? last.webhook.id : null },
        };
      }
      pairs.push({ event, webhook });
    }
  }
  return {
    pairs,
    wide,
    next: batch.more ? { position: batch.position + batch.events.length, afterWebhook: null } : null,
  };
}

/**
 * Counts the events with which a step is done, so that each event is counted once, however many steps its deliveries take. Wide events are
 * counted when the batch of their own is fanned out.
 */
export function countAccepted(batch: OpenBatch, { wide, next }: Pick<StepPlan, 'wide' | 'next'>): AcceptedCount[] {
  const counts = new Map<string, AcceptedCount>();
  const apart = new Set(wide.map(({ eventId }) => eventId));
  for (const event of next === null ? batch.events : batch.events.slice(0, next.position - batch.position)) {
    if (event === null || apart.has(event.id)) continue;
    const hourMs = Math.floor(idTimeMs(event.id) / HOUR_MS) * HOUR_MS;
    const key = `${event.storeId} ${hourMs}`;
    counts.set(key, { storeId: event.storeId, hourMs, events: (counts.get(key)?.events ?? 0) + 1 });
  }
  return [...counts.values()];
}
