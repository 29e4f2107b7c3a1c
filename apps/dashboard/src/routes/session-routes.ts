import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
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
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page'), 'SignInPage'),
});

export const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyRouteComponent(() => import('../pages/setup/setup-page'), 'SetupPage'),
});

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../pages/invitation/invitation-page'), 'InvitationPage'),
});

export const portalRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/portal',
  component: lazyRouteComponent(() => import('../pages/portal/portal-page'), 'PortalPage'),
});
