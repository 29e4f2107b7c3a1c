import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { WorkerOptions } from 'bullmq';
import type { JobOf, QueueName } from './jobs';

/** Works the jobs of one queue. BullMQ stores the message of a thrown error, so the error itself must not reach BullMQ. */
export abstract class JobHost<Q extends QueueName> extends WorkerHost {
  private readonly running = new Set<Promise<void>>();

  /** Does the job. When this throws, the job is retried. After a worker was held up, the same job may run twice, even at the same time. */
  protected abstract run(job: JobOf<Q>): Promise<void>;

  override async process(job: JobOf<Q>): Promise<void> {
    // In an async function, so that an error which `run` throws before it returns a promise is caught below like any other.
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

/** The part of a job's failure that the queue may keep. The real error is the cause, which stays in this process. */
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
  // How many workers may die with the same job before the job is left to the sweep.
  maxStalledCount: 3,
  runRetryDelay: 1_000,
};

/** Marks the class that works the jobs of one queue. It must extend {@link JobHost} of the same queue. */
export function JobProcessor(queue: QueueName): ClassDecorator {
  return Processor(queue, WORKER_OPTIONS);
}
