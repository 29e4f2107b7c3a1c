import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { everyPage } from './every-page';

export type Store = Schemas['StoreView'];

const PATH = '/api/v1/stores';

/** All stores, for whoever runs Signpost. */
export const storesQuery = queryOptions({
  queryKey: ['all-stores'],
  queryFn: () => everyPage((cursor) => bodyOf(api.GET(PATH, { params: { query: { limit: 250, cursor } } }))),
});

/** One of them. */
export const storeQuery = (store: string) =>
  queryOptions({
    queryKey: [...storesQuery.queryKey, store],
    queryFn: () => bodyOf(api.GET(`${PATH}/{store}`, { params: { path: { store } } })),
  });

export async function deleteStore(store: string): Promise<void> {
  await api.DELETE(`${PATH}/{store}`, { params: { path: { store } } });
}

export function createStore(body: Schemas['CreateStoreBody']): Promise<Store> {
  return bodyOf(api.POST(PATH, { body }));
}
