import { createRoute } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { rootRoute } from './root-route';

interface SignInSearch {
  /** Where to go afterwards. */
  readonly next?: string;
}

/** Whether `next` is a path of this dashboard; `//host` and `/\\host` are addresses of other sites. */
function isOurs(next: unknown): next is string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) && !/[\t\n\r]/.test(next);
}

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  // Only a page of this dashboard: nobody who makes a link may choose another site. `undefined`, because a member that is left out would
  // keep its value.
  validateSearch: ({ next }: Record<string, unknown>): SignInSearch => ({ next: isOurs(next) ? next : undefined }),
  component: lazyComponent(() => import('../pages/sign-in/sign-in-page'), 'SignInPage'),
});

export const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyComponent(() => import('../pages/setup/setup-page'), 'SetupPage'),
});

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  component: lazyComponent(() => import('../pages/invitation/invitation-page'), 'InvitationPage'),
});

export const portalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/portal',
  component: lazyComponent(() => import('../pages/portal/portal-page'), 'PortalPage'),
});
