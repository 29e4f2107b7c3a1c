import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { notifyManager, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { session } from './api/client';
import { readAnewAfterSurprises } from './api/read-anew';
import { meQuery } from './api/session';
import { createQueryClient } from './query-client';
import { createDashboardRouter } from './router';
import { onceNoDialogIsOpen } from './session/once-no-dialog-is-open';
import { cssVariables, theme } from './theme';

// The page knows that something is on its way before the second half of a double click: its button is disabled by then.
notifyManager.setScheduler(queueMicrotask);

const queryClient = createQueryClient();
readAnewAfterSurprises(queryClient);
const router = createDashboardRouter(queryClient);
session.addEventListener(
  'end',
  onceNoDialogIsOpen(() => {
    // The page that is open asks again who is signed in, and is told where to sign in.
    queryClient.removeQueries({ queryKey: meQuery.queryKey });
    void router.invalidate();
  }),
);

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
