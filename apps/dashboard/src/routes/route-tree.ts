import { operatorRoute, storesRoute } from './operator-routes';
import { rootRoute } from './root-route';
import { invitationRoute, portalRoute, setupRoute, signInRoute } from './session-routes';
import { apiKeysRoute, webhooksRoute } from './settings-routes';
import { signedInRoute } from './signed-in-route';
import { startRoute } from './start-route';
import { storeRoute, storeStartRoute } from './store-route';

/** Every page of the dashboard. The API serves it at these addresses: dashboard-pages.ts there has their beginnings. */
export const routeTree = rootRoute.addChildren([
  signInRoute,
  setupRoute,
  invitationRoute,
  portalRoute,
  signedInRoute.addChildren([
    startRoute,
    storeRoute.addChildren([storeStartRoute, apiKeysRoute, webhooksRoute]),
    operatorRoute.addChildren([storesRoute]),
  ]),
]);
