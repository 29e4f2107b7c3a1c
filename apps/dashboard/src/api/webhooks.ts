import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { everyPage } from './every-page';

export type Webhook = Schemas['WebhookView'];
export type EventType = Schemas['EventTypeView'];
export type EventTypeName = EventType['type'];

const PATH = '/api/v1/stores/{store}/webhooks';

/** All webhooks of a store. */
export function readWebhooks(store: string): Promise<Webhook[]> {
  return everyPage((cursor) => bodyOf(api.GET(PATH, { params: { path: { store }, query: { limit: 250, cursor } } })));
}

export const webhooksQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'webhooks'],
    queryFn: () => readWebhooks(store),
    refetchInterval: 30_000,
  });

/** What webhooks can subscribe to. */
export const eventTypesQuery = queryOptions({
  queryKey: ['event-types'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/event-types'))).data,
  staleTime: Infinity,
});

export function readWebhook(store: string, id: string): Promise<Webhook> {
  return bodyOf(api.GET(`${PATH}/{id}`, { params: { path: { store, id } } }));
}

export function createWebhook(store: string, body: Schemas['CreateWebhookBody']): Promise<Webhook> {
  return bodyOf(api.POST(PATH, { params: { path: { store } }, body }));
}

export function updateWebhook(store: string, id: string, body: Schemas['UpdateWebhookBody']): Promise<Webhook> {
  return bodyOf(api.PATCH(`${PATH}/{id}`, { params: { path: { store, id } }, body }));
}

export async function deleteWebhook(store: string, id: string): Promise<void> {
  await api.DELETE(`${PATH}/{id}`, { params: { path: { store, id } } });
}
