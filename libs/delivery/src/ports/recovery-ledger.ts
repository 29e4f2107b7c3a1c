import type { RecoveryId } from '@signpost/domain';
import type { DueWebhook } from './delivery-ledger';

/** How much one step of a recovery takes. */
export interface RecoveryStepLimits {
  /** How many deliveries it looks at at most. */
  readonly lookedAtMax: number;
  /** How many deliveries it makes due again at most. */
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
   * Makes the next settled deliveries of a recovery due, and stores in the same transaction how far the recovery has got: when a worker
   * dies, nothing is repeated and nothing is left out. Two workers with the same recovery take turns.
   *
   * @returns null when the recovery is not running (any more)
   */
  step(recoveryId: RecoveryId, limits: RecoveryStepLimits): Promise<RecoveryStep | null>;
  /** Recoveries that are running, but have made no step for longer than `olderThanMs`; the one that has waited longest comes first. */
  stalled(olderThanMs: number, limit: number): Promise<readonly RecoveryId[]>;
}
