import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { storeRoute } from './store-route';

export const apiKeysRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/api',
  component: lazyRouteComponent(() => import('../pages/api-keys/api-keys-page'), 'ApiKeysPage'),
});

export const webhooksRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/webhooks',
  component: lazyRouteComponent(() => import('../pages/webhooks/webhooks-page'), 'WebhooksPage'),
});

export const signatureRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/webhooks/$webhook/signature',
  component: lazyRouteComponent(() => import('../pages/signature/signature-page'), 'SignaturePage'),
});

export const membersRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/members',
  component: lazyRouteComponent(() => import('../pages/members/members-page'), 'MembersPage'),
});
