import { createRoute, notFound } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { signedInRoute } from './signed-in-route';

/** The page where people change their own account. Somebody who came by a portal link has none. */
export const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  beforeLoad: ({ context: { me } }) => {
    if (me.portal) throw notFound();
  },
  component: lazyComponent(() => import('../pages/account/account-page'), 'AccountPage'),
});
