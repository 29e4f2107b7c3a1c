import { accountRoute } from './account-route';
import {
  auditLogRoute,
  deliveriesRoute,
  deliveryRoute,
  eventRoute,
  eventsRoute,
  eventTypesRoute,
  overviewRoute,
} from './log-routes';
import { operatorRoute, storesRoute, systemRoute, wholeAuditLogRoute } from './operator-routes';
import { rootRoute } from './root-route';
import { invitationRoute, portalRoute, setupRoute, signInRoute } from './session-routes';
import { apiKeysRoute, membersRoute, signatureRoute, webhooksRoute } from './settings-routes';
import { signedInRoute } from './signed-in-route';
import { startRoute } from './start-route';
import { storeRoute } from './store-route';

/** Every page of the dashboard. The API serves it at these addresses: dashboard-pages.ts there has their beginnings. */
export const routeTree = rootRoute.addChildren([
  signInRoute,
  setupRoute,
  invitationRoute,
  portalRoute,
  signedInRoute.addChildren([
    startRoute,
    accountRoute,
    storeRoute.addChildren([
      overviewRoute,
      eventsRoute.addChildren([eventRoute]),
      deliveriesRoute.addChildren([deliveryRoute]),
      eventTypesRoute,
      auditLogRoute,
      apiKeysRoute,
      webhooksRoute,
      signatureRoute,
      membersRoute,
    ]),
    operatorRoute.addChildren([storesRoute, systemRoute, wholeAuditLogRoute]),
  ]),
]);
