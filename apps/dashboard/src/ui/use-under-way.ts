import { useIsMutating } from '@tanstack/react-query';

/** Whether a mutation of this key is on its way to the API; one that waits for a network is not. */
export function useUnderWay(mutationKey: readonly string[]): boolean {
  return useIsMutating({ mutationKey, predicate: ({ state }) => !state.isPaused }) > 0;
}
