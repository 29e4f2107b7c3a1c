import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerHost } from '@nestjs/bullmq';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { Job, Worker } from 'bullmq';
import { JobFailure } from './job-host';
import { QUEUE_NAMES, type QueueName } from './jobs';
import type { FaultListener } from './queue-fault';

/** How many jobs of each queue this process works on at once. */
export type JobConcurrency = Readonly<Record<QueueName, number>>;

/** All workers of this process: those that Nest made for the classes marked with JobProcessor. Without any, every call is idle. */
export class JobWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly workers = new Map<QueueName, Worker>();
  private stopping: Promise<readonly QueueName[]> | null = null;

  /** @param graceMs how long jobs in work may take to end when the application shuts down */
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly graceMs: number,
    private readonly onFault: FaultListener,
  ) {}

  /** Finds the workers, which Nest has made by now. */
  onApplicationBootstrap(): void {
    for (const worker of this.findWorkers()) {
      const queue = worker.name as QueueName;
      this.workers.set(queue, worker);
      this.report(queue, worker);
    }
  }

  /** Starts to take jobs. To be called once, when the application is ready to work on them. */
  start(concurrency: JobConcurrency): void {
    for (const [queue, worker] of this.workers) {
      worker.concurrency = concurrency[queue];
      worker.run().catch((error: Error) => this.onFault({ kind: 'backend', queue, error }));
    }
  }

  /** Takes no more jobs from these queues; those in work go on. A worker that was waiting may still take one. */
  async pause(queues: readonly QueueName[] = QUEUE_NAMES): Promise<void> {
    await Promise.all(this.select(queues).map((worker) => worker.pause(true)));
  }

  /** Takes jobs again after {@link pause}. */
  async resume(queues: readonly QueueName[] = QUEUE_NAMES): Promise<void> {
    if (this.stopping !== null) return;
    await Promise.all(this.select(queues).map((worker) => worker.resume()));
  }

  /**
   * Takes no more jobs, waits for those in work, and closes the workers. The first call decides; later ones wait with it.
   *
   * @param graceMs after this time jobs in work are given up; other workers take them back when their locks lapse
   * @returns the queues of which jobs were given up
   */
  stop(graceMs: number): Promise<readonly QueueName[]> {
    this.stopping ??= this.stopAll(graceMs);
    return this.stopping;
  }

  /** Before the application's connections close, for jobs in work need them. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.stop(this.graceMs);
  }

  private async stopAll(graceMs: number): Promise<readonly QueueName[]> {
    const graceOver = new AbortController();
    const grace = sleep(graceMs, 'over' as const, { signal: graceOver.signal }).catch(() => 'over' as const);
    const outcomes = await Promise.all(
      [...this.workers].map(async ([queue, worker]) => {
        // Closing alone could not be cut short: BullMQ remembers the first call of it.
        const idle = worker.pause().then(() => 'idle' as const);
        const outcome = await Promise.race([idle, grace]);
        await worker.close(outcome === 'over');
        return outcome === 'over' ? [queue] : [];
      }),
    );
    graceOver.abort();
    return outcomes.flat();
  }

  private findWorkers(): Worker[] {
    return this.discovery
      .getProviders()
      .map((wrapper): unknown => wrapper.instance)
      .filter((instance) => instance instanceof WorkerHost)
      .map((host) => host.worker);
  }

  private select(queues: readonly QueueName[]): Worker[] {
    return queues.flatMap((queue) => this.workers.get(queue) ?? []);
  }

  private report(queue: QueueName, worker: Worker): void {
    worker.on('error', (error) => this.onFault({ kind: 'backend', queue, error }));
    worker.on('stalled', (jobId) => this.onFault({ kind: 'job_stalled', queue, jobId }));
    worker.on('failed', (job, error) =>
      this.onFault({
        kind: 'job_failed',
        queue,
        jobId: job?.id,
        final: job === undefined || isFinal(job),
        error: error instanceof JobFailure ? error.cause : error,
      }),
    );
  }
}

function isFinal(job: Job): boolean {
  return job.attemptsMade >= (job.opts.attempts ?? 1);
}
