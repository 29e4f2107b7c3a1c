import { setTimeout as delay } from 'node:timers/promises';
import { NOTICED_WITHIN_MS } from '@signpost/delivery';

/** A timer may be early by a moment. */
const MARGIN_MS = 5;

/**
 * Resolves when no worker begins an attempt any more that does not know of what was committed just before: whoever withdraws something
 * (a key, a webhook, a URL) is answered then.
 */
export function noticedByWorkers(): Promise<void> {
  return delay(NOTICED_WITHIN_MS + MARGIN_MS);
}
