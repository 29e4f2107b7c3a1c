import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isProblem, ProblemError } from './api/problem-error';
import { meQuery } from './api/session';

const RETRIES_MAX = 2;

/**
 * Keeps what the API answered. A refusal is not asked for again; what may pass by itself is.
 *
 * @param onSignedOut - hears when a query finds that the session has ended
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        // Whoever asks who is signed in knows what to do when nobody is.
        if (!isProblem(error, 'unauthenticated') || queryKey[0] === meQuery.queryKey[0]) return;
        if (!isSaveRefused(client) && !isDialogOpen()) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (failures, error) => failures < RETRIES_MAX && mayPass(error) },
    },
  });
  return client;
}

/** Whether something that was to be saved found it first: its notice leads on, and what was typed stays. */
function isSaveRefused(client: QueryClient): boolean {
  return client
    .getMutationCache()
    .findAll({ status: 'error' })
    .some(({ state }) => isProblem(state.error, 'unauthenticated'));
}

/** Whether something may be typed that would be gone with the page: a notice on it leads on as well. */
function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

function mayPass(error: Error): boolean {
  return error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 502);
}
