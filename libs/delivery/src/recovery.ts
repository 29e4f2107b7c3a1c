import type { RecoveryId } from '@signpost/domain';
import type { JobQueue } from './ports/job-queue';
import type { RecoveryLedger, RecoveryStep, RecoveryStepLimits } from './ports/recovery-ledger';

export interface RecoverySettings extends RecoveryStepLimits {
  /** A recovery that has made no step for so long has lost its job. */
  readonly stalledAfterMs: number;
  /** How many of them get a new one at once. */
  readonly stalledMax: number;
}

/** What recoveries tell of themselves. */
export interface RecoveryObserver {
  recoveryStepped(recoveryId: RecoveryId, step: RecoveryStep): void;
  enqueueFailed(error: unknown): void;
}

/**
 * Sends again what had failed: step by step, deliveries become due and go their usual way, under the limits of their webhooks. How
 * far it has got is in PostgreSQL, so that any worker can go on at any time.
 */
export class Recovery {
  private stopping = false;

  constructor(
    private readonly ledger: RecoveryLedger,
    private readonly queue: JobQueue,
    private readonly settings: RecoverySettings,
    private readonly observer: RecoveryObserver,
  ) {}

  /** Makes steps until the recovery is finished, or this worker is to stop; {@link resumeStalled} then brings it back. */
  async run(recoveryId: RecoveryId): Promise<void> {
    for (let finished = false; !finished && !this.stopping;) {
      const step = await this.ledger.step(recoveryId, this.settings);
      if (step === null) return;
      this.observer.recoveryStepped(recoveryId, step);
      // The deliveries are due in PostgreSQL: a wake that cannot be added now is added by the sweep.
      await this.queue.addWakes(step.wakes).catch((error: unknown) => this.observer.enqueueFailed(error));
      finished = step.finished;
    }
  }

  /** Lets a recovery that is being run end with the step that it is in. */
  stop(): void {
    this.stopping = true;
  }

  /** Adds the jobs again of recoveries that a crash, or a queue that forgot, left behind. @returns how many there were */
  async resumeStalled(): Promise<number> {
    const { stalledAfterMs, stalledMax } = this.settings;
    const stalled = await this.ledger.stalled(stalledAfterMs, stalledMax);
    await Promise.all(stalled.map((recoveryId) => this.queue.addRecovery(recoveryId)));
    return stalled.length;
  }
}
