import { createRoute, redirect } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { signedInRoute } from './signed-in-route';

/** Leads to the person's store, when there is just one; else to a choice of them. */
export const startRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: ({ context: { me } }) => {
    const [store, ...others] = me.stores;
    if (store === undefined && me.operator) throw redirect({ to: '/stores', replace: true });
    if (store !== undefined && others.length === 0) {
      throw redirect({ to: '/store/$store', params: { store: store.key }, replace: true });
    }
  },
  component: lazyComponent(() => import('../pages/start/start-page'), 'StartPage'),
});
