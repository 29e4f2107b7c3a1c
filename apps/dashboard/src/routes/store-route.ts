import type { QueryClient } from '@tanstack/react-query';
import { createRoute, notFound, Outlet } from '@tanstack/react-router';
import { isProblem } from '../api/problem-error';
import type { Me } from '../api/session';
import { storeQuery } from '../api/stores';
import { accessTo } from '../session/access';
import { signedInRoute } from './signed-in-route';

const KNOWN_MS = 60_000;

/** Above every page of a store. A store that the person has nothing to do with is like one that does not exist. */
export const storeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/store/$store',
  beforeLoad: async ({ context: { me, queryClient }, params }) => {
    if (accessTo(me, params.store) === null || !(await exists(queryClient, me, params.store))) throw notFound();
  },
  component: Outlet,
});

/** Of an operator, who has to do with every store, it takes a question whether there is one. */
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
