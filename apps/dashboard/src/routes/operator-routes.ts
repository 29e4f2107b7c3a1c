import { createRoute, notFound } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { readAuditSearch } from './log-search';
import { signedInRoute } from './signed-in-route';

/** Parent of the pages for operators; for everybody else these pages do not exist. */
export const operatorRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'operator',
  beforeLoad: ({ context: { me } }) => {
    if (!me.operator) throw notFound();
  },
});

export const storesRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/stores',
  component: lazyComponent(() => import('../pages/stores/stores-page'), 'StoresPage'),
});

export const wholeAuditLogRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/audit-log',
  validateSearch: readAuditSearch,
  component: lazyComponent(() => import('../pages/audit-log/whole-audit-log-page'), 'WholeAuditLogPage'),
});

export const systemRoute = createRoute({
  getParentRoute: () => operatorRoute,
  path: '/system',
  component: lazyComponent(() => import('../pages/system/system-page'), 'SystemPage'),
});
