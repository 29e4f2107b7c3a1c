import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';

export type SystemState = Schemas['SystemView'];

const AGAIN_MS = 3_000;

/** What waits, and who works on it, over all stores. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: () => bodyOf(api.GET('/api/v1/system')),
  refetchInterval: AGAIN_MS,
});
