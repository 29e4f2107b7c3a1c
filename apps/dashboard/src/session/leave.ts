import { isProblem } from '../api/problem-error';
import { signOut } from '../api/session';
import { toastProblem } from '../ui/toast';

/** Signs out, and leads to the sign-in; tells when that did not work. */
export async function leave(scope: 'here' | 'everywhere'): Promise<void> {
  try {
    await signOut(scope);
  } catch (error) {
    // Who is signed out already is where they wanted to be.
    if (!isProblem(error, 'unauthenticated')) return toastProblem(error);
  }
  // A fresh page keeps nothing of what this person saw.
  window.location.assign('/sign-in');
}
