import { availableParallelism } from 'node:os';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { type Config } from '@signpost/config';
import { DeliveryWorker } from '@signpost/delivery';
import { BullJobQueue, type JobConcurrency, JobWorkers } from '@signpost/queue';
import { PartitionKeeper } from './partition-keeper';

/**
 * How many wakes run at once. Where many webhooks fail together, many wakes come together, and PostgreSQL plans the statements of each
 * claim anew on the connection that it gets. With few processors, PostgreSQL would be busy with nothing else for a moment if many ran at
 * once (docs/benchmarks.md).
 */
const WAKES = availableParallelism() <= 2 ? 3 : 8;

/**
 * How many jobs of each queue run at once. Jobs end when their deliveries are in lanes, so that a few at once keep a worker busy. Tests and
 * retries by hand end only with their attempt, or when it takes long. Batches of bulk are fanned out one after the other. Two recoveries
 * run at once, so that a small one need not wait for a large one.
 */
const CONCURRENCY: JobConcurrency = {
  events: 8,
  bulk: 1,
  wakes: WAKES,
  tests: 100,
  retries: 100,
  recoveries: 2,
  sweep: 1,
};

/** The order in which a worker takes up its work and lays it down. */
@Injectable()
export class WorkerLifecycle implements BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly worker: DeliveryWorker,
    private readonly jobs: JobWorkers,
    private readonly queue: BullJobQueue,
    private readonly partitions: PartitionKeeper,
    private readonly settings: Pick<Config['delivery'], 'sweepIntervalMs'> & { readonly graceMs: number },
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** To be called once, when the application has bootstrapped. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.partitions.start();
    await this.worker.start();
    this.jobs.start(CONCURRENCY);
    await this.scheduleSweep();
    // Repeated, because a Redis that lost everything has also lost the schedule.
    this.timer = setInterval(() => void this.scheduleSweep(), this.settings.sweepIntervalMs);
  }

  /**
   * Takes no more jobs and sends nothing new, finishes what is in flight, records it, gives leases back: all in one grace period.
   * Connections are closed after this.
   */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    const { graceMs } = this.settings;
    const jobs = this.jobs.stop(graceMs);
    await Promise.all([jobs, this.worker.stop(graceMs, jobs), this.partitions.stop(graceMs)]);
  }

  private async scheduleSweep(): Promise<void> {
    await this.queue.ensureSweep(this.settings.sweepIntervalMs).catch(this.onFault);
  }
}
