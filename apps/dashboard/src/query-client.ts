import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './api/problem-error';

const RETRIES_MAX = 2;

/** Keeps what the API answered. A refusal is not asked for again; what may pass by itself is. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (failures, error) => failures < RETRIES_MAX && mayPass(error) },
    },
  });
}

function mayPass(error: Error): boolean {
  return error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 502);
}
