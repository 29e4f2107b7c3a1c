import type { BatchId, DeliveryId, WebhookId } from '@signpost/domain';
import { type AttemptObserver, Attempter, type AttemptSettings, AWAY_REST_MS, type Sender } from './attempter';
import { AttemptsByHand } from './attempts-by-hand';
import { Claimer } from './claimer';
import { Claims } from './claims';
import { Courtesy } from './courtesy';
import { FanOut, type FanOutObserver } from './fan-out/fan-out';
import { FanOutSteps } from './fan-out/fan-out-steps';
import { type LaneLimits, Lanes } from './lanes/lanes';
import { LeaseKeeper, type LeaseObserver } from './lease-keeper';
import {
  type ClaimLedger,
  type FanOutLedger,
  LapsedWorkerError,
  type LeaseLedger,
  type ResultLedger,
} from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import type { RegistrySource } from './ports/registry-source';
import { Recorder, type RecorderObserver } from './recorder';
import { Registry } from './registry';
import { sleeplessClock } from './sleepless-clock';
import { timeOver } from './time-over';

/** Everything that a delivery worker needs from outside. */
export interface DeliveryWorkerParts {
  readonly fanOutLedger: FanOutLedger;
  readonly claimLedger: ClaimLedger;
  readonly resultLedger: ResultLedger;
  readonly leaseLedger: LeaseLedger;
  readonly registrySource: RegistrySource;
  readonly queue: JobQueue;
  readonly sender: Sender;
  readonly observer: DeliveryObserver;
  /** The share of its time for which this process has worked since the last call, 0 to 1. */
  readonly busyShare: () => number;
}

/** What a delivery worker reports, for logs and metrics. */
export interface DeliveryObserver extends AttemptObserver, FanOutObserver, LeaseObserver, RecorderObserver {
  claimFailed(webhookId: WebhookId, error: unknown): void;
}

export interface DeliveryWorkerSettings extends LaneLimits, AttemptSettings {
  readonly leaseMs: number;
}

/** How long bulk may have waited before it gives way less: an import may wait for its turn, but not for ever. */
const BULK_PATIENCE_MS = 30_000;
/** How long a stopping worker tries to tell PostgreSQL that it has ended; if it cannot, its lease lapses. */
const RETIRE_MS_MAX = 2_000;

/**
 * The pipeline of one worker process: jobs come in by `fanOut`, `claim` and `attemptNow`; deliveries wait in lanes, are attempted,
 * and their results are recorded.
 */
export class DeliveryWorker {
  private readonly keeper: LeaseKeeper;
  private readonly recorder: Recorder;
  private readonly lanes: Lanes;
  private readonly byHand: AttemptsByHand;
  private readonly claimer: Claimer;
  private readonly fanOuts: FanOut;

  constructor(
    private readonly parts: DeliveryWorkerParts,
    settings: DeliveryWorkerSettings,
  ) {
    const { queue, sender, observer } = parts;
    const monotonicMs = (): number => performance.now();
    const sleeplessMs = sleeplessClock(monotonicMs, () => Date.now());
    const registry = new Registry(parts.registrySource, sleeplessMs, ({ id, rateLimit }) => {
      this.lanes.noteRateLimit(id, rateLimit !== null);
    });
    this.keeper = new LeaseKeeper(parts.leaseLedger, settings.leaseMs, sleeplessMs, {
      heartbeatFailed: (error) => observer.heartbeatFailed(error),
      forgottenFreed: (deliveries) => observer.forgottenFreed(deliveries),
      lapsed: () => this.dropEverything(observer),
    });
    this.recorder = new Recorder(parts.resultLedger, queue, this.keeper.held, {
      recorded: (settlements, outcome, durationMs) => {
        for (const { webhookId, openForMs } of outcome.opened) this.lanes.openBreaker(webhookId, openForMs);
        observer.recorded(settlements, outcome, durationMs);
      },
      recordFailed: (error) => observer.recordFailed(error),
      enqueueFailed: (error) => observer.enqueueFailed(error),
    });
    const attempter = new Attempter(registry, this.keeper, sender, this.recorder, settings, observer);
    this.lanes = new Lanes(
      settings,
      {
        ready: () => this.keeper.stands && !this.recorder.isFull,
        attempt: (delivery) => attempter.attempt(delivery),
        release: (deliveries, delayMs) => this.recorder.release(deliveries, delayMs),
        fetch: (webhookId) => this.claim(webhookId).catch((error: unknown) => observer.claimFailed(webhookId, error)),
        busyShare: parts.busyShare,
      },
      monotonicMs,
    );
    const claims = new Claims(parts.claimLedger, this.keeper, this.recorder, registry);
    this.claimer = new Claimer(claims, this.lanes, queue);
    this.byHand = new AttemptsByHand(claims, attempter);
    const courtesy = new Courtesy(BULK_PATIENCE_MS, monotonicMs);
    const steps = new FanOutSteps(parts.fanOutLedger, registry, this.lanes, this.keeper, courtesy);
    this.fanOuts = new FanOut(steps, this.lanes, this.keeper, queue, courtesy, observer);
  }

  /** Takes up work. @throws when PostgreSQL cannot be reached. */
  start(): Promise<void> {
    return this.keeper.start();
  }

  /** Fans out one batch. */
  fanOut(batchId: BatchId): Promise<void> {
    return this.fenced(() => this.fanOuts.run(batchId));
  }

  /** Fans out one batch of bulk, in the time that other work leaves. */
  fanOutBulk(batchId: BatchId): Promise<void> {
    return this.fenced(() => this.fanOuts.runBulk(batchId));
  }

  /** Fetches the due deliveries of one webhook. */
  claim(webhookId: WebhookId): Promise<void> {
    return this.fenced(() => this.claimer.claim(webhookId));
  }

  /** Attempts one delivery now, past lane and gate. */
  attemptNow(deliveryId: DeliveryId): Promise<void> {
    return this.fenced(() => this.byHand.attempt(deliveryId));
  }

  /**
   * Gives back the deliveries that the worker has not begun to send. To be called when a connection to PostgreSQL is lost: PostgreSQL may
   * have crashed, have lost this worker's newest leases, and be back before the worker asks for anything.
   */
  doubtLeases(): void {
    this.lanes.giveAllBack(AWAY_REST_MS);
  }

  /**
   * Sends nothing new, finishes the requests in flight, records their results, and gives back the other deliveries. Jobs that run may go
   * on: the deliveries that they bring are left to other workers.
   *
   * @param graceMs - how long jobs and requests in flight may take; other workers do again what takes longer
   * @param lastJob - settles when no job runs any more; left out when none runs
   */
  async stop(graceMs: number, lastJob: Promise<unknown> = Promise.resolve()): Promise<void> {
    await Promise.race([this.finish(lastJob), timeOver(graceMs)]);
    await Promise.race([this.keeper.stop(), timeOver(RETIRE_MS_MAX)]);
  }

  /** What this worker holds now, for metrics. */
  get load(): Lanes['load'] & { unrecorded: number } {
    return { ...this.lanes.load, unrecorded: this.recorder.backlog };
  }

  /** Finishes the work in flight and hands over the rest, so that no sweep has to find it. Hands over once before waiting for jobs. */
  private async finish(lastJob: Promise<unknown>): Promise<void> {
    await this.lanes.stop();
    await this.handOver();
    await Promise.allSettled([lastJob]);
    await this.byHand.settled();
    await this.handOver();
  }

  /** Records the results so far, and wakes the webhooks of which deliveries were still to be fetched, for other workers. */
  private async handOver(): Promise<void> {
    const left = this.lanes.takeUnfetched().map((webhookId) => ({ webhookId, delayMs: 0 }));
    const called = left.length === 0 ? Promise.resolve() : this.parts.queue.addWakes(left);
    await Promise.all([
      this.recorder.drain(),
      called.catch((error: unknown) => this.parts.observer.enqueueFailed(error)),
    ]);
  }

  /** When PostgreSQL refuses a write because this worker's lease has lapsed, the worker starts over, and the job is tried again. */
  private async fenced(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof LapsedWorkerError) await this.keeper.renew(error.workerId);
      throw error;
    }
  }

  private dropEverything(observer: DeliveryObserver): void {
    this.lanes.clear();
    observer.lapsed();
  }
}
