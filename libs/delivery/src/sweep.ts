import type { SweepLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';

/** How long the sweep waits before it takes work for lost, and how much it does at once. */
export interface SweepSettings {
  /** The age at which a batch is stranded: its job should long have run. */
  readonly strandedAfterMs: number;
  /** How long a webhook is due before it is overdue: its wake should long have come. */
  readonly overdueAfterMs: number;
  readonly leaseMs: number;
  /** The age at which a test that no worker has taken is canceled: longer than anybody waits for its answer. */
  readonly testsUnsentAfterMs: number;
  readonly idempotencyKeysKeptMs: number;
  readonly limit: number;
  /**
   * How many batches one sweep takes: more than are fanned out until the next sweep. With fewer, it would take hours to catch up after the
   * queue was away.
   */
  readonly batchesMax: number;
}

/** In how many steps one sweep forgets idempotency keys at most. */
const FORGET_STEPS_MAX = 25;

/** What one sweep found. */
export interface SweepReport {
  readonly batches: number;
  readonly freed: number;
  readonly webhooks: number;
  readonly tests: number;
  readonly idempotencyKeys: number;
}

/**
 * Finds the work that was left behind by a crash, or by a queue that lost its jobs, and puts it back on its way. Its work is bounded, and
 * two runs at once do no harm.
 */
export class Sweep {
  constructor(
    private readonly ledger: SweepLedger,
    private readonly queue: JobQueue,
    private readonly settings: SweepSettings,
  ) {}

  /** @throws the error of a part that failed; the other parts are done all the same */
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

  /** @param justFreed - whether deliveries were freed just now: then every due webhook is woken, otherwise only those that are overdue */
  private async wakeOverdue(justFreed: boolean): Promise<number> {
    const overdueAfterMs = justFreed ? 0 : this.settings.overdueAfterMs;
    const webhookIds = await this.ledger.overdueWebhooks(overdueAfterMs, this.settings.limit);
    const wakes = webhookIds.map((webhookId) => ({ webhookId, delayMs: 0 }));
    if (wakes.length > 0) await this.queue.addWakes(wakes, { deduplicate: true });
    return wakes.length;
  }

  /** Works in steps. There are enough of them to forget keys faster than a busy installation makes them. */
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
