import type { BatchId, DeliveryId, RecoveryId, SubscribableEventType, WebhookId } from '@signpost/domain';
import type { DefaultJobOptions, Job, Queue } from 'bullmq';

/** Every queue of Signpost. Each queue has its own worker, so that a backlog in one does not delay the others. */
export const QUEUE_NAMES = ['events', 'bulk', 'wakes', 'tests', 'retries', 'recoveries', 'sweep'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** The data that the jobs of each queue carry: ids, never a payload, an address or a secret. */
export interface JobCatalogue {
  /** Fan out one batch; the job is named after the type of its events. */
  events: { readonly name: SubscribableEventType; readonly data: { readonly batchId: BatchId } };
  /** Fan out one batch for which no other batch is to wait. */
  bulk: { readonly name: SubscribableEventType; readonly data: { readonly batchId: BatchId } };
  /** A webhook has, or will have, deliveries due. */
  wakes: { readonly name: 'wake'; readonly data: { readonly webhookId: WebhookId } };
  /** Send one test delivery, for which somebody waits. */
  tests: { readonly name: 'test'; readonly data: { readonly deliveryId: DeliveryId } };
  /**
   * Attempt one delivery now, because a person asked for it. Not in the queue of the tests, which must not wait for a retry that hangs.
   */
  retries: { readonly name: 'retry'; readonly data: { readonly deliveryId: DeliveryId } };
  /** Re-send a window of deliveries. */
  recoveries: { readonly name: 'recovery'; readonly data: { readonly recoveryId: RecoveryId } };
  /** Find the work that a crash left behind. */
  sweep: { readonly name: 'sweep'; readonly data: Readonly<Record<string, never>> };
}
export type JobDataOf<Q extends QueueName> = JobCatalogue[Q]['data'];
export type JobNameOf<Q extends QueueName> = JobCatalogue[Q]['name'];
export type JobOf<Q extends QueueName> = Job<JobDataOf<Q>, void, JobNameOf<Q>>;
/** BullMQ's queues, by name. */
export type JobQueues = { readonly [Q in QueueName]: Queue<JobDataOf<Q>, void, JobNameOf<Q>> };

/**
 * No job is kept after it has ended. A failed job must not keep its id: a job with the same id could not be added again, and the sweep
 * could never bring the batch back.
 */
const LEAVES_NOTHING: DefaultJobOptions = { removeOnComplete: true, removeOnFail: true };

/** A job is retried for some seconds; when the fault lasts longer, the job is left to the sweep. */
const RETRIED: DefaultJobOptions = {
  ...LEAVES_NOTHING,
  attempts: 5,
  backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
  // The stack of an error may quote data. It is in the log, and need not be in the queue.
  stackTraceLimit: 0,
};

/** How the jobs of each queue are kept and retried. */
export const JOB_OPTIONS: { readonly [Q in QueueName]: DefaultJobOptions } = {
  events: RETRIED,
  bulk: RETRIED,
  wakes: RETRIED,
  // The person who pressed the button has gone by the time of a second attempt.
  tests: { ...RETRIED, attempts: 1 },
  // The delivery is due already: without this job, it is sent a little later.
  retries: { ...RETRIED, attempts: 1 },
  recoveries: RETRIED,
  // The next sweep is the retry.
  sweep: { ...RETRIED, attempts: 1 },
};
