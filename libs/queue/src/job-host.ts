import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { WorkerOptions } from 'bullmq';
import type { JobOf, QueueName } from './jobs';

/** Works the jobs of one queue. BullMQ keeps the message of what is thrown, so the error itself must not reach it. */
export abstract class JobHost<Q extends QueueName> extends WorkerHost {
  private readonly running = new Set<Promise<void>>();

  /** Does the job. Throwing has it retried; it may run twice, and beside itself, after a worker was held up. */
  protected abstract run(job: JobOf<Q>): Promise<void>;

  override async process(job: JobOf<Q>): Promise<void> {
    // Inside an async function, so that an error thrown before its first promise is caught below like any other.
    const run = (async () => this.run(job))();
    this.running.add(run);
    try {
      await run;
    } catch (error) {
      throw new JobFailure(error);
    } finally {
      this.running.delete(run);
    }
  }

  /** Whether a job is in work now. */
  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** Resolves as soon as no job is in work. */
  async whenIdle(): Promise<void> {
    while (this.isBusy) await Promise.allSettled(this.running);
  }
}

/** What a job failed with, as far as the queue may keep it: the real error is the cause, which stays in this process. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';

  constructor(cause: unknown) {
    super('The processor threw; its error is in the log of the worker.', { cause });
  }
}

/** How every worker of Signpost runs; concurrency comes from the configuration when {@link JobWorkers} starts it. */
const WORKER_OPTIONS: Omit<WorkerOptions, 'connection'> = {
  // A worker starts when the application is ready, not when its class is made.
  autorun: false,
  // A worker renews its jobs' locks every 4 s. When it dies, others take its jobs back 8 to 12 s later: they look every 2 s, and
  // on Redis every other look may come a moment too early and be skipped.
  lockDuration: 8_000,
  stalledInterval: 2_000,
  // So often may the workers that hold a job die before the job is left to the sweep.
  maxStalledCount: 3,
  runRetryDelay: 1_000,
};

/** Marks the class that works the jobs of one queue. It must extend {@link JobHost} of the same queue. */
export function JobProcessor(queue: QueueName): ClassDecorator {
  return Processor(queue, WORKER_OPTIONS);
}
