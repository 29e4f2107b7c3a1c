import { createRoute } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { storeRoute } from './store-route';

export const apiKeysRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/api',
  component: lazyComponent(() => import('../pages/api-keys/api-keys-page'), 'ApiKeysPage'),
});

export const webhooksRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/webhooks',
  component: lazyComponent(() => import('../pages/webhooks/webhooks-page'), 'WebhooksPage'),
});

export const signatureRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/webhooks/$webhook/signature',
  component: lazyComponent(() => import('../pages/signature/signature-page'), 'SignaturePage'),
});

export const membersRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/settings/members',
  component: lazyComponent(() => import('../pages/members/members-page'), 'MembersPage'),
});
