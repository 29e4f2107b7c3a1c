import { setTimeout as delay } from 'node:timers/promises';
import { NOTICED_WITHIN_MS } from '@signpost/delivery';

/** A timer may fire a moment too early. */
const MARGIN_MS = 5;

/**
 * Resolves when every worker has noticed a change that was committed just before, so that no attempt begins any more without regard to it.
 * Somebody who withdraws something (a key, a webhook, a URL) gets the answer only then. The exception is a machine so busy that a worker
 * receives PostgreSQL's answer late: what the worker sends may then be out of date by as much (see docs/security.md).
 */
export function noticedByWorkers(): Promise<void> {
  return delay(NOTICED_WITHIN_MS + MARGIN_MS);
}
