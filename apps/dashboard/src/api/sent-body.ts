import { api, bodyOf } from './client';

const PATH = '/api/v1/stores/{store}/deliveries';

/** What was sent to a webhook for an event, as the log knows it. @returns null when it knows of none */
export async function sentBodyOf(store: string, webhookId: string, eventId: string): Promise<string | null> {
  const params = { path: { store }, query: { webhookId, eventId, limit: 1 } };
  const [delivery] = (await bodyOf(api.GET(PATH, { params }))).data;
  if (delivery === undefined) return null;
  return (await bodyOf(api.GET(`${PATH}/{id}`, { params: { path: { store, id: delivery.id } } }))).requestBody;
}
