import { type BatchId, idTimeMs } from '@signpost/domain';
import type { Courtesy } from '../courtesy';
import type { Lanes } from '../lanes/lanes';
import type { LeaseKeeper } from '../lease-keeper';
import type { NewDelivery } from '../ports/delivery-ledger';
import type { BatchToFanOut, JobQueue } from '../ports/job-queue';
import { StoreMeter } from '../store-meter';
import type { FanOutStepDone, FanOutSteps, StepBounds } from './fan-out-steps';

/** What a step reads and writes at most. */
const STEP: StepBounds = { eventsMax: 500, deliveriesMax: 2_000 };
/** How many deliveries one step of bulk writes while other work is expected. */
const PIECE_DELIVERIES = 100;
/**
 * How fast deliveries of events that very many webhooks want are made, roughly, beside other work; and how many a store can have on its
 * account: those of one minute.
 */
const APART = { perSecond: 1_000, deliveries: 60_000 };

/** What a fan-out reports, for logs and metrics. */
export interface FanOutObserver {
  fannedOut(deliveries: readonly NewDelivery[]): void;
}

/** Turns batches into deliveries, step by step. Bulk gives way to other work, and so do events that very many webhooks want. */
export class FanOut {
  private readonly apart = new StoreMeter(APART.perSecond);

  constructor(
    private readonly steps: FanOutSteps,
    private readonly lanes: Lanes,
    private readonly keeper: LeaseKeeper,
    private readonly queue: JobQueue,
    private readonly courtesy: Courtesy,
    private readonly observer: FanOutObserver,
  ) {}

  /** Fans a batch out to its end, or as far as another worker has not. @throws when PostgreSQL is away: the job is tried again. */
  async run(batchId: BatchId): Promise<void> {
    do await this.lanes.room();
    while (await this.step(batchId, STEP));
  }

  /** As {@link run}, in the time that other work leaves. */
  async runBulk(batchId: BatchId): Promise<void> {
    for (let goesOn = true; goesOn;) {
      await this.lanes.room();
      const startedAtMs = performance.now();
      goesOn = await this.step(batchId, {
        eventsMax: this.courtesy.pieceOf(STEP.eventsMax),
        deliveriesMax: this.courtesy.pieceOf(STEP.deliveriesMax, PIECE_DELIVERIES),
      });
      await this.courtesy.rest(performance.now() - startedAtMs, this.keeper.nowMs() - idTimeMs(batchId));
    }
  }

  /** Takes one step, and says whether there is another one. */
  private async step(batchId: BatchId, bounds: StepBounds): Promise<boolean> {
    const done = await this.steps.next(batchId, bounds);
    if (done === null) return false;
    const { deliveries, apart, wakes, goesOn } = done;
    this.observer.fannedOut(deliveries);
    await Promise.all([
      wakes.length > 0 ? this.queue.addWakes(wakes) : null,
      apart.length > 0 ? this.queue.addBatches(this.bulkOf(done)) : null,
    ]);
    return goesOn;
  }

  /** Each is due behind the wide events that its store published lately, as other bulk is due behind that of its store. */
  private bulkOf({ apart, eventType }: FanOutStepDone): BatchToFanOut[] {
    return apart.map(({ batchId, storeId, webhooks }) => {
      const before = this.apart.add(storeId, webhooks, APART.deliveries);
      return { batchId, eventType, bulk: true, dueAtMs: this.keeper.nowMs() + (before / APART.perSecond) * 1_000 };
    });
  }
}
