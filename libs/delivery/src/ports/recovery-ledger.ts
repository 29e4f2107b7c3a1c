import type { RecoveryId } from '@signpost/domain';
import type { DueWebhook } from './delivery-ledger';

/** How much one step of a recovery takes. */
export interface RecoveryStepLimits {
  /** Deliveries that are looked at. */
  readonly lookedAtMax: number;
  /** Deliveries that are made due again. */
  readonly requeuedMax: number;
}

/** What one step of a recovery did. */
export interface RecoveryStep {
  readonly requeued: number;
  /** Deliveries that match but cannot be sent. */
  readonly skipped: number;
  /** Whether it was the last step. */
  readonly finished: boolean;
  /** The wakes to be added. */
  readonly wakes: readonly DueWebhook[];
}

/** Sends settled deliveries again, in steps that are each committed whole or not at all. */
export interface RecoveryLedger {
  /**
   * Makes the next settled deliveries of a recovery due, and remembers how far it has got in the same transaction: whoever dies in
   * between repeats nothing and leaves nothing out. Two workers with the same recovery take turns.
   *
   * @returns null when the recovery is not running (any more)
   */
  step(recoveryId: RecoveryId, limits: RecoveryStepLimits): Promise<RecoveryStep | null>;
  /** Recoveries that are running, but have made no step for longer than `olderThanMs`; the longest first. */
  stalled(olderThanMs: number, limit: number): Promise<readonly RecoveryId[]>;
}
