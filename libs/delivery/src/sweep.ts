import type { SweepLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';

/** How long the sweep waits before it takes something for lost, and how much it does at once. */
export interface SweepSettings {
  /** A batch whose job should long have run. */
  readonly strandedAfterMs: number;
  /** A webhook whose wake should long have come. */
  readonly overdueAfterMs: number;
  readonly leaseMs: number;
  readonly idempotencyKeysKeptMs: number;
  readonly limit: number;
}

/** What one sweep found. */
export interface SweepReport {
  readonly batches: number;
  readonly freed: number;
  readonly webhooks: number;
  readonly idempotencyKeys: number;
}

/** Puts back on its way what a crash, or a queue that forgot, left behind. Bounded, and harmless when it runs twice at once. */
export class Sweep {
  constructor(
    private readonly ledger: SweepLedger,
    private readonly queue: JobQueue,
    private readonly settings: SweepSettings,
  ) {}

  async run(): Promise<SweepReport> {
    const { limit, leaseMs, strandedAfterMs, overdueAfterMs, idempotencyKeysKeptMs } = this.settings;
    const batches = await this.ledger.strandedBatches(strandedAfterMs, limit);
    if (batches.length > 0) await this.queue.addBatches(batches);
    const freed = await this.ledger.releaseLapsedWorkers(leaseMs);
    // What was just freed is due now; only what has been due for a while was overlooked.
    const webhookIds = await this.ledger.overdueWebhooks(freed > 0 ? 0 : overdueAfterMs, limit);
    const wakes = webhookIds.map((webhookId) => ({ webhookId, delayMs: 0 }));
    if (wakes.length > 0) await this.queue.addWakes(wakes, { deduplicate: true });
    const idempotencyKeys = await this.ledger.forgetIdempotencyKeys(idempotencyKeysKeptMs, limit);
    return { batches: batches.length, freed, webhooks: wakes.length, idempotencyKeys };
  }
}
