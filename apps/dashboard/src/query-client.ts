import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './api/problem-error';

const RETRIES_MAX = 2;

/**
 * Keeps the API's answers. After an error that may pass by itself a request is repeated; after a refusal it is not. Requests are made even
 * if the browser believes that there is no network: Signpost may run on the same machine, and what somebody gave up saving must not be
 * saved later.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES_MAX && mayPass(error),
        networkMode: 'always',
        refetchOnReconnect: true,
      },
      mutations: { networkMode: 'always' },
    },
  });
}

function mayPass(error: Error): boolean {
  return error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 502);
}
