import { isProblem } from '../api/problem-error';
import { signOut } from '../api/session';
import { toastProblem } from '../ui/toast';

/** Signs out, and leads to the sign-in; tells when that did not work. */
export async function leave(scope: 'here' | 'everywhere'): Promise<void> {
  try {
    await signOut(scope);
  } catch (error) {
    // Somebody who is signed out already need not be told of an error.
    if (!isProblem(error, 'unauthenticated')) return toastProblem(error);
  }
  // Loading the page anew drops everything that this person saw.
  window.location.assign('/sign-in');
}
