/** As short as a password may be; the API has the last word. */
const PASSWORD_LENGTH_MIN = 12;

/** What is said beside a field for a new password. */
export const NEW_PASSWORD_HINT = `At least ${PASSWORD_LENGTH_MIN} characters. A sentence is easy to remember and hard to guess.`;

/** @returns what is wrong with a new password; null when nothing is */
export function newPasswordProblem(password: string): string | null {
  return password.length < PASSWORD_LENGTH_MIN ? `Use at least ${PASSWORD_LENGTH_MIN} characters.` : null;
}
