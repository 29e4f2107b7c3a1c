import type { RecoveryId } from '@signpost/domain';
import type { JobQueue } from './ports/job-queue';
import type { RecoveryLedger, RecoveryStep, RecoveryStepLimits } from './ports/recovery-ledger';

export interface RecoverySettings extends RecoveryStepLimits {
  /** A recovery that has made no step for this long has lost its job. */
  readonly stalledAfterMs: number;
  /** How many such recoveries get a new job at once. */
  readonly stalledMax: number;
}

/** What recoveries report, for logs and metrics. */
export interface RecoveryObserver {
  recoveryStepped(recoveryId: RecoveryId, step: RecoveryStep): void;
  enqueueFailed(error: unknown): void;
}

/**
 * Sends settled deliveries again. Step by step, they become due and go their usual way, under the limits of their webhooks. PostgreSQL
 * stores how far each recovery has got, so that any worker can go on at any time.
 */
export class Recovery {
  private stopping = false;

  constructor(
    private readonly ledger: RecoveryLedger,
    private readonly queue: JobQueue,
    private readonly settings: RecoverySettings,
    private readonly observer: RecoveryObserver,
  ) {}

  /** Makes steps until the recovery is finished, or this worker stops; {@link resumeStalled} then gives the recovery a new job. */
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

  /** Ends {@link run} after its present step. */
  stop(): void {
    this.stopping = true;
  }

  /** Gives new jobs to recoveries that were left behind by a crash, or by a queue that lost its jobs. @returns to how many */
  async resumeStalled(): Promise<number> {
    const { stalledAfterMs, stalledMax } = this.settings;
    const stalled = await this.ledger.stalled(stalledAfterMs, stalledMax);
    await Promise.all(stalled.map((recoveryId) => this.queue.addRecovery(recoveryId)));
    return stalled.length;
  }
}
