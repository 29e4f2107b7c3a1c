import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { notifyManager, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { readAnewAfterSurprises } from './api/read-anew';
import { createQueryClient } from './query-client';
import { createDashboardRouter } from './router';
import { cssVariables, theme } from './theme';

// The page knows that something is on its way before the second half of a double click: its button is disabled by then.
notifyManager.setScheduler(queueMicrotask);

const queryClient = createQueryClient(() => {
  // The page that was open asks again, and is told where to sign in.
  queryClient.removeQueries({ queryKey: ['me'] });
  void router.invalidate();
});
readAnewAfterSurprises(queryClient);
const router = createDashboardRouter(queryClient);

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** The dashboard. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
