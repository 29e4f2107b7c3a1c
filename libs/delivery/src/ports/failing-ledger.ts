import type { WebhookId } from '@signpost/domain';

/** Ends what has no hope. */
export interface FailingLedger {
  /**
   * Disables webhooks that have failed for longer than `failingForMs`, were not delivered to once since then, and still failed at
   * the end of that time; a webhook to which nothing was sent is not judged. What they are owed is due at once, to be canceled.
   *
   * @param limit - at most so many; the next call finds the others
   */
  disableFailing(failingForMs: number, limit: number): Promise<readonly WebhookId[]>;
}
