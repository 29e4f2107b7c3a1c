import { ProblemError } from './problem-error';

/** The names that forms have for fields with other names in requests. */
const NAMES: Readonly<Record<string, string>> = {
  allowedCidrs: 'Allowed networks',
  apiKeyId: 'Signing key',
  events: 'Event types',
  expiresAt: 'Expiry',
  rateLimit: 'Requests per second',
  since: 'From',
  until: 'To',
};

/** A message of the API about a field, with the name that the field has in forms. */
export function inWordsOfForms(message: string): string {
  return message
    .replace(/^(each value in )?(\w+)/, (whole, each: string | undefined, field: string) => {
      const name = NAMES[field];
      if (name === undefined) return whole;
      return each === undefined ? name : `Each of the ${name.toLowerCase()}`;
    })
    .replace(/\bbefore until\b/, 'before To');
}

/** What the API found wrong, by the field of a form: `events[0]` belongs to `events`. The first rule of each counts. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  const errors: Record<string, string> = {};
  for (const { field, message } of error.problem.errors ?? []) {
    errors[/^[^.[]+/.exec(field)?.[0] ?? field] ??= inWordsOfForms(message);
  }
  return errors;
}
