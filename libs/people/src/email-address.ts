import { z } from 'zod';

const EMAIL_ADDRESS = z.email();

/** Whether the sign-in library takes it for an e-mail address, by the rule that it has itself: nobody else could ever sign in. */
export function isEmailAddress(text: string): boolean {
  return EMAIL_ADDRESS.safeParse(text).success;
}
