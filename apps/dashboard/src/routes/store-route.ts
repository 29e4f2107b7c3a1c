import { createRoute, notFound, Outlet } from '@tanstack/react-router';
import { accessTo } from '../session/access';
import { signedInRoute } from './signed-in-route';

/** Above every page of a store. A store that the person has nothing to do with is like one that does not exist. */
export const storeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/store/$store',
  beforeLoad: ({ context: { me }, params }) => {
    if (accessTo(me, params.store) === null) throw notFound();
  },
  component: Outlet,
});
