import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { routeTree } from './routes/route-tree';
import { BrokenPage, MissingPage, PendingPage } from './shell/page-boundary';

/** Knows which page is at which address; code and data of a page are fetched when a link to it is pointed at. */
export function createDashboardRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    // The query client decides what is fresh.
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: BrokenPage,
    defaultNotFoundComponent: MissingPage,
    defaultPendingComponent: PendingPage,
    scrollRestoration: true,
  });
}
