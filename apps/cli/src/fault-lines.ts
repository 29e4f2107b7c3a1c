import { SignpostClientError } from '@signpost/client';
import { startFailureLines } from '@signpost/config';
import { EmbeddedPostgresError } from './services/embedded-postgres-error';
import { UsageError } from './usage-error';

/** What to tell the person at the terminal about an error; the stack only of an unexpected one. */
export function faultLines(error: unknown): readonly string[] {
  const isExpected =
    error instanceof EmbeddedPostgresError || error instanceof SignpostClientError || error instanceof UsageError;
  if (isExpected) return [error.message];
  const lines = startFailureLines(error, null);
  return lines ?? [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
