import { setTimeout as sleep } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import type { Job, Worker } from 'bullmq';
import { JobFailure, JobHost } from './job-host';
import type { QueueName } from './jobs';
import type { FaultListener } from './queue-fault';

/** How many jobs of each queue this process works on at once. */
export type JobConcurrency = Readonly<Record<QueueName, number>>;

/** When no job is in work any more, BullMQ gets this long to tell the server so. A server that is away delays the end no further. */
const SETTLE_MS = 1_000;

/** All workers of this process: Nest makes one for each class marked with JobProcessor. If there are none, the methods do nothing. */
export class JobWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly hosts = new Map<QueueName, JobHost<QueueName>>();
  private stopping: Promise<readonly QueueName[]> | null = null;

  /** @param graceMs how long jobs in work may take to end when the application shuts down */
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly graceMs: number,
    private readonly onFault: FaultListener,
  ) {}

  /** Finds the workers, which Nest has made by now. */
  onApplicationBootstrap(): void {
    const hosts = this.discovery.getProviders().map((wrapper): unknown => wrapper.instance);
    for (const host of hosts.filter(isJobHost)) {
      const queue = host.worker.name as QueueName;
      this.hosts.set(queue, host);
      this.report(queue, host.worker);
    }
  }

  /** Starts to take jobs. To be called once, when the application is ready to work on them. */
  start(concurrency: JobConcurrency): void {
    for (const [queue, { worker }] of this.hosts) {
      worker.concurrency = concurrency[queue];
      worker.run().catch((error: unknown) => this.onFault({ kind: 'backend', queue, error: asError(error) }));
    }
  }

  /**
   * Takes no more jobs, waits for the jobs in work, and closes the workers. Later calls wait for the first one, whose `graceMs` counts.
   *
   * @param graceMs after this time jobs in work are given up; other workers take them back when their locks lapse
   * @returns the queues of which jobs were given up
   */
  stop(graceMs: number): Promise<readonly QueueName[]> {
    this.stopping ??= this.stopAll(graceMs);
    return this.stopping;
  }

  /** Runs before the application's connections close, because jobs in work need them. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.stop(this.graceMs);
  }

  private async stopAll(graceMs: number): Promise<readonly QueueName[]> {
    const ended = new AbortController();
    const rest = (ms: number) => sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);
    const grace = rest(graceMs);
    const stopped = [...this.hosts].map(async ([queue, host]) => ((await stopHost(host, grace, rest)) ? [queue] : []));
    const givenUp = (await Promise.all(stopped)).flat();
    ended.abort();
    return givenUp;
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

/** Returns whether jobs were given up. */
async function stopHost(
  host: JobHost<QueueName>,
  grace: Promise<void>,
  rest: (ms: number) => Promise<void>,
): Promise<boolean> {
  const { worker } = host;
  const settled = host.whenIdle().then(() => rest(SETTLE_MS));
  // `close` could not be cut short, because BullMQ remembers its first call. `pause` waits for the same jobs, and `close` can follow it.
  // When `pause` fails, as it may while a cluster is away, jobs may still be in work.
  const paused = worker.pause().then(
    () => 'paused' as const,
    () => settled,
  );
  const outcome = await Promise.race([paused, settled, grace]);
  const givenUp = host.isBusy;
  await worker.close(outcome !== 'paused');
  return givenUp;
}

function isFinal(job: Job): boolean {
  return job.attemptsMade >= (job.opts.attempts ?? 1);
}

function isJobHost(instance: unknown): instance is JobHost<QueueName> {
  return instance instanceof JobHost;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
