import { EventEmitter, on } from 'node:events';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { mintId, type BatchId, type DeliveryId, type IdKind, type RecoveryId, type WebhookId } from '@signpost/domain';
import {
  BullJobQueue,
  JobHost,
  JobProcessor,
  JobWorkers,
  QUEUE_NAMES,
  QueueModule,
  type JobConcurrency,
  type JobOf,
  type QueueBackendOptions,
  type QueueFault,
  type QueueName,
} from '@signpost/queue';

/** One job that a worker took. */
export interface TakenJob {
  readonly queue: QueueName;
  readonly name: string;
  readonly id: string | undefined;
  readonly data: object;
}

/** What the application's processors do with each job, the jobs that they have taken, and the faults of the queue. */
export class JobLog {
  readonly taken: TakenJob[] = [];
  readonly faults: QueueFault[] = [];
  /** Replaced by a test that needs jobs to hang or to fail. */
  work: (job: TakenJob) => Promise<void> = async () => {};
  private readonly changes = new EventEmitter();

  async handle<Q extends QueueName>(queue: Q, job: JobOf<Q>): Promise<void> {
    const taken = { queue, name: job.name, id: job.id, data: job.data };
    this.taken.push(taken);
    this.changes.emit('change');
    await this.work(taken);
  }

  hear(fault: QueueFault): void {
    this.faults.push(fault);
    this.changes.emit('change');
  }

  /** Resolves as soon as `condition` holds, which is checked after each taken job and each fault. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    for await (const _ of on(this.changes, 'change')) if (condition()) return;
  }

  of(queue: QueueName): TakenJob[] {
    return this.taken.filter((job) => job.queue === queue);
  }
}

/** A processor that hands the jobs of its queue to the log. */
function processorOf(queue: QueueName): Type<JobHost<QueueName>> {
  @JobProcessor(queue)
  class LoggingProcessor extends JobHost<QueueName> {
    constructor(private readonly log: JobLog) {
      super();
    }
    protected override run(job: JobOf<QueueName>): Promise<void> {
      return this.log.handle(queue, job);
    }
  }
  return LoggingProcessor;
}

const PROCESSORS = QUEUE_NAMES.map(processorOf);
export const ONE_OF_EACH = Object.fromEntries(QUEUE_NAMES.map((queue) => [queue, 1])) as JobConcurrency;

/** An application like the worker's: the queue module and a processor per queue, whose workers are not started yet. */
export interface QueueApp {
  readonly queue: BullJobQueue;
  readonly workers: JobWorkers;
  readonly log: JobLog;
  readonly context: INestApplicationContext;
}

export async function openQueueApp(backend: QueueBackendOptions, graceMs = 5_000): Promise<QueueApp> {
  const log = new JobLog();
  const module = await Test.createTestingModule({
    imports: [
      QueueModule.forRootAsync({
        useFactory: () => ({ backend, graceMs, onFault: (fault) => log.hear(fault), now: Date.now }),
      }),
    ],
    providers: PROCESSORS.map((provide) => ({ provide, useFactory: () => new provide(log) })),
  }).compile();
  const context = await module.init();
  return { queue: context.get(BullJobQueue), workers: context.get(JobWorkers), log, context };
}

const mint = <K extends IdKind>(kind: K) => mintId(kind, Date.now());
export const newBatchId = (): BatchId => mint('batch');
export const newWebhookId = (): WebhookId => mint('webhook');
export const newDeliveryId = (): DeliveryId => mint('delivery');
export const newRecoveryId = (): RecoveryId => mint('recovery');

/** A promise on which jobs can be held until `open` is called. */
export function newGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
