import { Lanes } from '../lanes/lanes';
import { LeaseKeeper } from '../lease-keeper';
import type { DueWebhook, LeasedDelivery } from '../ports/delivery-ledger';
import type { BatchToFanOut, JobQueue } from '../ports/job-queue';
import { Recorder } from '../recorder';
import { Registry } from '../registry';
import { MemoryLedgers } from './memory-ledgers';

/** The parts of a worker around its lanes, on ledgers in memory. Nothing is sent: the lanes keep the deliveries that are put into them. */
export class IdleParts {
  readonly ledgers = new MemoryLedgers(() => Date.now());
  readonly wakes: DueWebhook[] = [];
  readonly batches: BatchToFanOut[] = [];
  readonly released: LeasedDelivery[] = [];
  readonly fetched: string[] = [];
  readonly faults: unknown[] = [];
  readonly queue: JobQueue = {
    addBatches: async (batches) => {
      this.batches.push(...batches);
    },
    addWakes: async (wakes) => {
      this.wakes.push(...wakes);
    },
    addTest: async () => undefined,
    addRetry: async () => undefined,
    addRecovery: async () => undefined,
  };
  readonly registry = new Registry(this.ledgers, () => performance.now());
  readonly keeper = new LeaseKeeper(this.ledgers, 10_000, () => performance.now(), {
    heartbeatFailed: (error) => this.faults.push(error),
    forgottenFreed: () => undefined,
    lapsed: () => undefined,
  });
  readonly recorder = new Recorder(this.ledgers, this.queue, this.keeper.held, {
    recorded: () => undefined,
    recordFailed: (error) => this.faults.push(error),
    enqueueFailed: (error) => this.faults.push(error),
  });
  readonly lanes: Lanes;

  constructor(laneCapacity = 100) {
    this.lanes = new Lanes(
      { webhookConcurrency: 8, workerConcurrency: 16, laneCapacity, workerCapacity: 1_000 },
      {
        ready: () => false,
        attempt: async () => 'unsent',
        release: (deliveries) => this.released.push(...deliveries),
        fetch: async (webhookId) => {
          this.fetched.push(webhookId);
        },
        busyShare: () => 0,
      },
      () => performance.now(),
    );
  }

  start(): Promise<void> {
    return this.keeper.start();
  }

  async stop(): Promise<void> {
    await this.lanes.stop();
    await this.recorder.drain();
    await this.keeper.stop();
  }
}
