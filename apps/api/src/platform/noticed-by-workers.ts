import { setTimeout as delay } from 'node:timers/promises';
import { NOTICED_WITHIN_MS } from '@signpost/delivery';

/** A timer may be early by a moment. */
const MARGIN_MS = 5;

/**
 * Resolves when every worker knows of what was committed just before, and begins no more attempts without regard to it. Whoever withdraws
 * something (a key, a webhook, a URL) gets the answer only then.
 */
export function noticedByWorkers(): Promise<void> {
  return delay(NOTICED_WITHIN_MS + MARGIN_MS);
}
