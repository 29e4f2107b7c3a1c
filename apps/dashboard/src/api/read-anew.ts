import type { QueryClient } from '@tanstack/react-query';
import { isOutcomeUnknown, isProblem } from './problem-error';
import { meQuery } from './session';
import { storesQuery } from './stores';

/** Reads the page's data anew. */
export async function readAnew(client: QueryClient): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: ['stores'] }), client.invalidateQueries(storesQuery)]);
}

/**
 * Reads the page's data anew when a change may have had another outcome than the page knows: its answer was lost, the thing to be changed
 * is gone, or the change is no longer permitted. A person who tries again first sees the present state. Somebody who may no longer read
 * what the page shows may do less, too.
 */
export function readAnewAfterSurprises(client: QueryClient): void {
  client.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return;
    const error: unknown = event.action.error;
    if (isProblem(error, 'forbidden') || isProblem(error, 'not_found')) void client.invalidateQueries(meQuery);
    // The store itself may be gone. That it is, is no news about itself.
    const [subject] = event.query.queryKey as readonly unknown[];
    if (isProblem(error, 'not_found') && subject !== storesQuery.queryKey[0])
      void client.invalidateQueries(storesQuery);
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return;
    const error: unknown = event.action.error;
    // A role was taken away meanwhile: the page must no longer offer what the role permitted.
    if (isProblem(error, 'forbidden')) void client.invalidateQueries(meQuery);
    if (isOutcomeUnknown(error) || isProblem(error, 'not_found')) void readAnew(client);
  });
}
