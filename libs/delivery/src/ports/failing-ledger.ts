import type { WebhookId } from '@signpost/domain';

/** Disables webhooks that keep failing. */
export interface FailingLedger {
  /**
   * Disables webhooks that have failed for longer than `failingForMs` without one success, and still failed at the end of that time. A
   * webhook to which nothing was sent is not judged. The waiting deliveries of disabled webhooks are due at once, to be canceled.
   *
   * @param limit - how many webhooks are disabled at most; the next call finds the rest
   */
  disableFailing(failingForMs: number, limit: number): Promise<readonly WebhookId[]>;
}
