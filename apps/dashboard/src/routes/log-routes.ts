import { createRoute, redirect } from '@tanstack/react-router';
import { lazyComponent } from '../ui/lazy-component';
import { readAuditSearch, readDeliverySearch, readEventSearch, readOverviewSearch } from './log-search';
import { storeRoute } from './store-route';

/** The first page of a store. Somebody who came by a portal link is led to the page that the link is for. */
export const overviewRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/',
  validateSearch: readOverviewSearch,
  beforeLoad: ({ context: { me }, params }) => {
    if (me.portal) throw redirect({ to: '/store/$store/settings/webhooks', params, replace: true });
  },
  component: lazyComponent(() => import('../pages/overview/overview-page'), 'OverviewPage'),
});

export const eventsRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/events',
  validateSearch: readEventSearch,
  component: lazyComponent(() => import('../pages/events/events-page'), 'EventsPage'),
});

export const eventRoute = createRoute({
  getParentRoute: () => eventsRoute,
  path: '/$event',
  component: lazyComponent(() => import('../pages/events/event-drawer'), 'EventDrawer'),
});

export const deliveriesRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/deliveries',
  validateSearch: readDeliverySearch,
  component: lazyComponent(() => import('../pages/deliveries/deliveries-page'), 'DeliveriesPage'),
});

export const deliveryRoute = createRoute({
  getParentRoute: () => deliveriesRoute,
  path: '/$delivery',
  component: lazyComponent(() => import('../pages/deliveries/delivery-drawer'), 'DeliveryDrawer'),
});

export const eventTypesRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/event-types',
  component: lazyComponent(() => import('../pages/event-types/event-types-page'), 'EventTypesPage'),
});

export const auditLogRoute = createRoute({
  getParentRoute: () => storeRoute,
  path: '/audit-log',
  validateSearch: readAuditSearch,
  component: lazyComponent(() => import('../pages/audit-log/audit-log-page'), 'AuditLogPage'),
});
