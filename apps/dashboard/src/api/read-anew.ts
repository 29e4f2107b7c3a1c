import type { QueryClient } from '@tanstack/react-query';
import { isOutcomeUnknown, isProblem } from './problem-error';
import { meQuery } from './session';
import { storesQuery } from './stores';

/** Reads anew what is on the page. */
export async function readAnew(client: QueryClient): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: ['stores'] }), client.invalidateQueries(storesQuery)]);
}

/**
 * Has what is on the page read anew when a change to it ended otherwise than the page can know: its answer was lost, what was to
 * change is gone, or it is not permitted any more. Whoever tries again sees first what has become of it.
 */
export function readAnewAfterSurprises(client: QueryClient): void {
  client.getMutationCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return;
    const error: unknown = event.action.error;
    // A role was taken away meanwhile: what it permitted goes from the page.
    if (isProblem(error, 'forbidden')) void client.invalidateQueries(meQuery);
    if (isOutcomeUnknown(error) || isProblem(error, 'not_found')) void readAnew(client);
  });
}
