import type { SweepLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';

/** How long the sweep waits before it takes something for lost, and how much it does at once. */
export interface SweepSettings {
  /** A batch whose job should long have run. */
  readonly strandedAfterMs: number;
  /** A webhook whose wake should long have come. */
  readonly overdueAfterMs: number;
  readonly leaseMs: number;
  /** A test whose job should long have run: longer than anybody waits for its answer. */
  readonly testsUnsentAfterMs: number;
  readonly idempotencyKeysKeptMs: number;
  readonly limit: number;
  /** Batches at once: more than are fanned out until the next sweep, or it would take them hours to come back from a queue that was away. */
  readonly batchesMax: number;
}

/** Steps in which one sweep forgets idempotency keys. */
const FORGET_STEPS_MAX = 25;

/** What one sweep found. */
export interface SweepReport {
  readonly batches: number;
  readonly freed: number;
  readonly webhooks: number;
  readonly tests: number;
  readonly idempotencyKeys: number;
}

/** Puts back on its way what a crash, or a queue that forgot, left behind. Bounded, and harmless when it runs twice at once. */
export class Sweep {
  constructor(
    private readonly ledger: SweepLedger,
    private readonly queue: JobQueue,
    private readonly settings: SweepSettings,
  ) {}

  /** @throws what kept one of its parts from being done; the other parts are done all the same */
  async run(): Promise<SweepReport> {
    const freeing = this.ledger.releaseLapsedWorkers(this.settings.leaseMs);
    const justFreed = await freeing.then(
      (freed) => freed > 0,
      () => false,
    );
    const { testsUnsentAfterMs, limit } = this.settings;
    const parts = [
      freeing,
      this.addBatches(),
      this.wakeOverdue(justFreed),
      this.ledger.cancelUnsentTests(testsUnsentAfterMs, limit),
      this.forgetIdempotencyKeys(),
    ] as const;
    await Promise.allSettled(parts);
    const [freed, batches, webhooks, tests, idempotencyKeys] = await Promise.all(parts);
    return { batches, freed, webhooks, tests, idempotencyKeys };
  }

  private async addBatches(): Promise<number> {
    const batches = await this.ledger.strandedBatches(this.settings.strandedAfterMs, this.settings.batchesMax);
    if (batches.length > 0) await this.queue.addBatches(batches, { stranded: true });
    return batches.length;
  }

  /** @param justFreed - what was just freed is due now; else only what has been due for a while was overlooked */
  private async wakeOverdue(justFreed: boolean): Promise<number> {
    const overdueAfterMs = justFreed ? 0 : this.settings.overdueAfterMs;
    const webhookIds = await this.ledger.overdueWebhooks(overdueAfterMs, this.settings.limit);
    const wakes = webhookIds.map((webhookId) => ({ webhookId, delayMs: 0 }));
    if (wakes.length > 0) await this.queue.addWakes(wakes, { deduplicate: true });
    return wakes.length;
  }

  /** In steps, so many that keys are forgotten faster than a busy installation makes them. */
  private async forgetIdempotencyKeys(): Promise<number> {
    const { idempotencyKeysKeptMs, limit } = this.settings;
    let forgotten = 0;
    for (let step = 0; step < FORGET_STEPS_MAX; step += 1) {
      const count = await this.ledger.forgetIdempotencyKeys(idempotencyKeysKeptMs, limit);
      forgotten += count;
      if (count < limit) break;
    }
    return forgotten;
  }
}
