import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from './client';

const PROGRESS_MS = 1_000;
const SHOWN_MAX = 5;

/** The newest recoveries of a store, so that people who come back see how far theirs have got. */
export const recentRecoveriesQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'recoveries', 'recent'],
    queryFn: async () => {
      const params = { path: { store }, query: { limit: SHOWN_MAX } };
      return (await bodyOf(api.GET('/api/v1/stores/{store}/recoveries', { params }))).data;
    },
    refetchInterval: ({ state }) =>
      state.data?.some((recovery) => recovery.state === 'running') === true ? PROGRESS_MS : false,
  });
