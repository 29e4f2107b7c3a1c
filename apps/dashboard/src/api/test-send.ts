import type { Schemas } from './client';
import { problemFrom, unreachable } from './problem-error';
import type { EventTypeName } from './webhooks';

/** What was sent to an endpoint, and what it answered. */
export type TestSend = Schemas['TestSendView'];

/**
 * Has a worker send a test event.
 *
 * @param data - JSON text that is sent exactly as it is written: a program that reads and writes it anew would change `10.00`; null sends the sample
 */
export async function sendTest(
  store: string,
  id: string,
  eventType: EventTypeName,
  data: string | null,
): Promise<TestSend> {
  const type = `"eventType":${JSON.stringify(eventType)}`;
  const response = await fetch(`/api/v1/stores/${store}/webhooks/${id}/test`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: data === null ? `{${type}}` : `{${type},"data":${data}}`,
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await problemFrom(response);
  return (await response.json()) as TestSend;
}
