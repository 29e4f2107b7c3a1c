import { createRoute, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { signedInRoute } from './signed-in-route';

/** What people change of themselves. Who came by a portal link has no account. */
export const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  beforeLoad: ({ context: { me } }) => {
    if (me.portal) throw notFound();
  },
  component: lazyRouteComponent(() => import('../pages/account/account-page'), 'AccountPage'),
});
