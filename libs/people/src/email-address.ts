import { z } from 'zod';

const EMAIL_ADDRESS = z.email();

/** Whether a text is an e-mail address by the sign-in library's own rule: with any other address nobody could ever sign in. */
export function isEmailAddress(text: string): boolean {
  return EMAIL_ADDRESS.safeParse(text).success;
}
