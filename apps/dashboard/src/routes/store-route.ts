import { createRoute, notFound, Outlet, redirect } from '@tanstack/react-router';
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

/** The first page of a store. */
export const storeStartRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/store/$store/settings/webhooks', params, replace: true });
  },
});
