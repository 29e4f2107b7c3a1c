import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { signedInRoute } from './signed-in-route';

/** The page where people change their own account. Somebody who came by a portal link has none. */
export const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  beforeLoad: ({ context: { me } }) => {
    if (me.portal) throw notFound();
  },
  component: lazyRouteComponent(() => import('../pages/account/account-page'), 'AccountPage'),
});
