import type { QueryClient } from '@tanstack/react-query';
import { isOutcomeUnknown, isProblem } from './problem-error';
import { storesQuery } from './stores';

/** Reads anew what is on the page. */
export async function readAnew(client: QueryClient): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: ['stores'] }), client.invalidateQueries(storesQuery)]);
}

/**
 * Has what is on the page read anew when a change to it ended otherwise than the page can know: its answer was lost, or what was
 * to change is gone. Whoever tries again sees first what has become of it.
 */
export function readAnewAfterSurprises(client: QueryClient): void {
  client.getMutationCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return;
    const error: unknown = event.action.error;
    if (isOutcomeUnknown(error) || isProblem(error, 'not_found')) void readAnew(client);
  });
}
