import { api, bodyOf, type Schemas } from './client';
import type { EventTypeName } from './webhooks';

/** Has a worker send the sample of an event type. @returns what was sent, and what the endpoint answered */
export function sendSample(
  store: string,
  id: string,
  eventType: EventTypeName | undefined,
): Promise<Schemas['TestSendView']> {
  const body = eventType === undefined ? {} : { eventType };
  return bodyOf(api.POST('/api/v1/stores/{store}/webhooks/{id}/test', { params: { path: { store, id } }, body }));
}
