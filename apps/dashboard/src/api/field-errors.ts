import { ProblemError } from './problem-error';

/** What the API found wrong, by the field of a form: `events[0]` belongs to `events`. The first rule of each counts. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  const errors: Record<string, string> = {};
  for (const { field, message } of error.problem.errors ?? []) {
    errors[/^[^.[]+/.exec(field)?.[0] ?? field] ??= message;
  }
  return errors;
}
