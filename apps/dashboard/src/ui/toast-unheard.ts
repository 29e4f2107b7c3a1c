import type { QueryClient } from '@tanstack/react-query';
import { CanceledError } from './canceled-error';
import { toastProblem } from './toast';

const LEAD = 'You left something before it was done, and it did not go well.';

/**
 * Tells by a toast of what did not work once the part of the page is gone that would have told it. Somebody who closed a dialog while it
 * saved or deleted something would believe that it is done.
 */
export function toastUnheard(client: QueryClient): void {
  const listeners = new WeakMap<object, number>();
  client.getMutationCache().subscribe((event) => {
    const { type, mutation } = event;
    if (mutation === undefined) return;
    const count = listeners.get(mutation) ?? 0;
    if (type === 'observerAdded') listeners.set(mutation, count + 1);
    if (type === 'observerRemoved') listeners.set(mutation, count - 1);
    if (type !== 'updated' || event.action.type !== 'error' || count > 0) return;
    if (!(event.action.error instanceof CanceledError)) toastProblem(event.action.error, { lead: LEAD });
  });
}
