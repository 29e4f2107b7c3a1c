import { useQueryClient } from '@tanstack/react-query';

/**
 * Tells, whenever it is asked, whether a mutation of this key is on its way to the API; one that waits for a network is
 * not. It asks the mutations themselves: what was rendered last may be older than the mutation.
 */
export function useUnderWay(mutationKey: readonly string[]): () => boolean {
  const queryClient = useQueryClient();
  return () => queryClient.isMutating({ mutationKey, predicate: ({ state }) => !state.isPaused }) > 0;
}
