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
import { keepFocusOfBusy } from './ui/keep-focus-of-busy';
import { toastUnheard } from './ui/toast-unheard';

// Queries tell the page of changes in a microtask. So a button is disabled before the second half of a double click.
notifyManager.setScheduler(queueMicrotask);
keepFocusOfBusy();

const queryClient = createQueryClient();
readAnewAfterSurprises(queryClient);
toastUnheard(queryClient);
const router = createDashboardRouter(queryClient);
session.addEventListener(
  'end',
  onceNoDialogIsOpen(() => {
    // Has the open page ask again who is signed in; it then leads to the sign-in.
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
