import { isOperationalEventType } from '@signpost/domain';
import type { Settlement } from '@signpost/delivery';
import type { ClosedBreaker } from './breaker-gates';
import type { OperationalFact } from './operational-events';
import { isScheduled } from './settlement-columns';

/**
 * Whether a settlement may cause an operational event. Deliveries of operational events never cause another one: so each of these events
 * goes back to an event that a producer published, and there is no endless loop.
 */
export function causesEvents({ delivery }: Settlement): boolean {
  return !isOperationalEventType(delivery.event.type);
}

/**
 * The facts about deliveries whose schedule has ended. Not after a 410, for which `webhook.disabled` is published; nor after a test or a
 * retry by hand, whose result the person who asked for it sees.
 */
export function exhaustedFacts(failed: readonly Settlement[]): OperationalFact[] {
  return failed.flatMap((settlement): OperationalFact[] => {
    const { delivery, attempt, next } = settlement;
    if (!isScheduled(delivery) || next.kind !== 'failed' || next.disableWebhook || !causesEvents(settlement)) return [];
    const error = attempt?.error ?? null;
    if (attempt === null || error === null) return [];
    return [
      {
        type: 'delivery.exhausted',
        storeId: delivery.storeId,
        webhookId: delivery.webhookId,
        url: attempt.request.url,
        atMs: attempt.startedAtMs + attempt.result.timings.totalMs,
        deliveryId: delivery.id,
        eventId: delivery.event.id,
        eventType: delivery.event.type,
        attempts: delivery.attemptsMade + 1,
        errorCode: error.code,
        message: error.message,
      },
    ];
  });
}

/** The facts about webhooks whose breaker was closed by one of these settlements. */
export function recoveredFacts(
  closed: readonly ClosedBreaker[],
  settlements: readonly Settlement[],
): OperationalFact[] {
  if (closed.length === 0) return [];
  const causes = new Map(
    settlements
      .filter((settlement) => settlement.next.kind === 'delivered' && causesEvents(settlement))
      .map((settlement) => [settlement.delivery.webhookId, settlement]),
  );
  return closed.flatMap(({ webhookId, failingSinceMs, nowMs }): OperationalFact[] => {
    const cause = causes.get(webhookId);
    if (cause === undefined || cause.attempt === null) return [];
    const { delivery, attempt } = cause;
    const url = attempt.request.url;
    return [{ type: 'webhook.recovered', storeId: delivery.storeId, webhookId, url, atMs: nowMs, failingSinceMs }];
  });
}
