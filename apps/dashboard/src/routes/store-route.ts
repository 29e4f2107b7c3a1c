import type { QueryClient } from '@tanstack/react-query';
import { createRoute, notFound } from '@tanstack/react-router';
import { isProblem } from '../api/problem-error';
import type { Me } from '../api/session';
import { storeQuery } from '../api/stores';
import { accessTo } from '../session/access';
import { StoreOutlet } from '../shell/store-outlet';
import { signedInRoute } from './signed-in-route';

const KNOWN_MS = 60_000;

/** Parent of every page of a store. A store that the person has no role in is treated like one that does not exist. */
export const storeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/store/$store',
  beforeLoad: async ({ context: { me, queryClient }, params }) => {
    if (accessTo(me, params.store) === null || !(await exists(queryClient, me, params.store))) throw notFound();
  },
  component: StoreOutlet,
});

/** Whether the store exists. For an operator, who may see every store, the API has to be asked. */
async function exists(queryClient: QueryClient, me: Me, store: string): Promise<boolean> {
  if (me.stores.some(({ key }) => key === store)) return true;
  try {
    await queryClient.query({ ...storeQuery(store), staleTime: KNOWN_MS });
    return true;
  } catch (error) {
    if (isProblem(error, 'not_found')) return false;
    throw error;
  }
}
