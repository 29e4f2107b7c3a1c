import type {
  AttemptErrorCode,
  AttemptId,
  BatchId,
  DeliveryId,
  EventId,
  LeaseId,
  OutgoingRequest,
  SendResult,
  StoreId,
  SubscribableEventType,
  WebhookId,
  WorkerId,
} from '@signpost/domain';
import type { BatchToFanOut } from './job-queue';

/** An event as PostgreSQL keeps it: `data` is the producer's text, null once its retention has passed. */
export interface StoredEvent {
  readonly id: EventId;
  readonly storeId: StoreId;
  readonly type: string;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly timestamp: string;
  readonly data: string | null;
}

/** How far a fan-out has got: the events before `position` are done, and for the event at `position` the webhooks up to `afterWebhook`. */
export interface BatchProgress {
  readonly position: number;
  readonly afterWebhook: WebhookId | null;
}

/** A batch that is still to be fanned out. */
export interface OpenBatch extends BatchProgress {
  readonly batchId: BatchId;
  /** The type of all its events. */
  readonly eventType: SubscribableEventType;
  /** Whether it gives way to other batches. */
  readonly bulk: boolean;
  /** The events from `position` on, in the order of the batch, at most as many as were asked for; null for an event that is gone. */
  readonly events: readonly (StoredEvent | null)[];
  /** Whether the batch goes on after `events`. */
  readonly more: boolean;
  /** The version of each store's webhooks and keys, read in the same snapshot. */
  readonly storeVersions: ReadonlyMap<StoreId, string>;
}

/** What fan-out decides for one event and one webhook. */
export interface NewDelivery {
  readonly id: DeliveryId;
  readonly storeId: StoreId;
  readonly eventId: EventId;
  readonly webhookId: WebhookId;
  readonly eventType: string;
  /** The length of its payload, in UTF-16 code units. */
  readonly payloadUnits: number;
  /**
   * leased: this worker sends it now; due: it waits for a claim; overflow: it waits for a claim because its lane has no room; held: its key
   * is not active; canceled: the webhook is disabled.
   */
  readonly fate: 'leased' | 'due' | 'overflow' | 'held' | 'canceled';
}

/** An event that becomes a batch of its own, which is bulk. */
export interface EventApart {
  readonly batchId: BatchId;
  readonly eventId: EventId;
}

/** One step of a fan-out, committed whole or not at all. */
export interface FanOutStep {
  readonly batchId: BatchId;
  readonly from: BatchProgress;
  /** Where the next step begins; `null` when the batch is done. */
  readonly next: BatchProgress | null;
  readonly deliveries: readonly NewDelivery[];
  /** Events that get a batch of their own in this step. */
  readonly apart: readonly EventApart[];
  readonly lease: NewLease;
  /** How soon the gate of each webhook with a delivery left due must open at the latest. */
  readonly gates: readonly DueWebhook[];
  /** How many events this step is done with, without those in `apart`. */
  readonly accepted: readonly AcceptedCount[];
}

/** How many events of a store were accepted in the hour that begins at `hourMs`, in milliseconds since 1970. */
export interface AcceptedCount {
  readonly storeId: StoreId;
  readonly hourMs: number;
  readonly events: number;
}

/** The result of a step of a fan-out. */
export interface CommittedStep {
  /** Wakes to be added: the gate was moved to these times. */
  readonly wakes: readonly DueWebhook[];
  /** Webhooks of which nothing was leased, because their breaker is open. */
  readonly shut: readonly OpenBreaker[];
}

/** Why an attempt is made: by the schedule, by a person, by a recovery, or as a test. */
export type AttemptTrigger = 'schedule' | 'manual' | 'recovery' | 'test';

/** A delivery that this worker owns until its lease lapses. */
export interface LeasedDelivery {
  readonly id: DeliveryId;
  readonly leaseId: LeaseId;
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  readonly event: StoredEvent;
  /** Attempts of the automatic schedule made so far. */
  readonly attemptsMade: number;
  readonly trigger: AttemptTrigger;
  /** Whether an open circuit breaker let this delivery through, to find out whether the endpoint answers again. */
  readonly probe: boolean;
}

/** The result of a claim on a webhook's waiting deliveries. */
export interface Claim {
  readonly deliveries: readonly LeasedDelivery[];
  /** The version of the store's webhooks and keys on which the claim was decided. */
  readonly storeVersions: ReadonlyMap<StoreId, string>;
  /** Whether more deliveries are due already: the claimer must come back for them when its lane has room. */
  readonly moreDue: boolean;
  /** Whether the webhook has a rate limit: the claimed deliveries must then be sent now, not be gathered. */
  readonly rateLimited: boolean;
  /** Wakes to be added: the gate was moved to these times. */
  readonly wakes: readonly DueWebhook[];
}

/** One HTTP request that was made, as the log shows it. */
export interface Attempt {
  readonly id: AttemptId;
  readonly startedAtMs: number;
  readonly request: Pick<OutgoingRequest, 'url' | 'headers'>;
  readonly result: SendResult;
  /** Why it did not deliver, with one plain sentence; null when it did. */
  readonly error: { readonly code: AttemptErrorCode; readonly message: string } | null;
}

/** The state that a delivery takes now. */
export type NextState =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly errorCode: AttemptErrorCode }
  /** A retry by hand failed: the automatic schedule, if one is left, stays as it was. */
  | { readonly kind: 'resume'; readonly errorCode: AttemptErrorCode }
  | { readonly kind: 'failed'; readonly errorCode: AttemptErrorCode; readonly disableWebhook: boolean }
  | { readonly kind: 'canceled'; readonly errorCode: AttemptErrorCode }
  /** The signing key is not active: the delivery waits, outside of the schedule, until the webhook has an active key. */
  | { readonly kind: 'held' };

/** The new state of a delivery that is to be recorded, and the attempt that led to it, if there was one. */
export interface Settlement {
  readonly delivery: LeasedDelivery;
  readonly attempt: Attempt | null;
  readonly next: NextState;
}

/** A webhook whose gate was moved, and in how many milliseconds it has deliveries due. */
export interface DueWebhook {
  readonly webhookId: WebhookId;
  readonly delayMs: number;
}

/** A webhook whose circuit breaker is open, and for how long it still is; 0 when a probe is due or under way. */
export interface OpenBreaker {
  readonly webhookId: WebhookId;
  readonly openForMs: number;
}

/** What recording changed in addition to the deliveries. */
export interface RecordOutcome {
  readonly wakes: readonly DueWebhook[];
  readonly opened: readonly OpenBreaker[];
  /** Webhooks that were disabled, because their endpoint answered 410. */
  readonly disabled: readonly WebhookId[];
}

/** Turns accepted batches into deliveries. */
export interface FanOutLedger {
  /** Reads the next events of a batch, bounded in number and size. @returns null when the batch is done, which is no error. */
  openBatch(batchId: BatchId, eventsMax: number): Promise<OpenBatch | null>;
  /**
   * Commits a step, unless another worker has done so. Deliveries whose webhook has an open circuit breaker are left due instead of leased.
   *
   * @returns null when nothing was written because the batch had moved on
   * @throws LapsedWorkerError when this worker's own lease has lapsed
   */
  commitStep(step: FanOutStep): Promise<CommittedStep | null>;
}

/** Hands waiting deliveries to a worker. */
export interface ClaimLedger {
  /** Leases up to `limit` due deliveries, oldest first, as far as the webhook's gate lets them through. */
  claim(webhookId: WebhookId, lease: NewLease, limit: number): Promise<Claim>;
  /** Leases this delivery, whatever the gate says: a person asked for it. @returns null when it cannot be leased. */
  claimOne(deliveryId: DeliveryId, lease: NewLease): Promise<Claim | null>;
}

/** A lease to be made, for the deliveries that one statement takes. */
export interface NewLease {
  readonly leaseId: LeaseId;
  readonly workerId: WorkerId;
}

/** Stores the results of deliveries. */
export interface ResultLedger {
  /**
   * Records settlements in one transaction, and ends leases whose deliveries are all settled.
   * A result that comes after its lease lapsed changes the state only if it delivered.
   *
   * @param isRepeat - whether the same settlements were handed in before without an answer. If they were written then, they are not written
   *   again, and their wakes are left to the sweep
   */
  record(
    settlements: readonly Settlement[],
    endedLeases: readonly LeaseId[],
    isRepeat: boolean,
  ): Promise<RecordOutcome>;
  /**
   * Gives deliveries back unattempted; their place in the order of age stays.
   *
   * @param gates - how soon the gate of each of their webhooks must open at the latest
   * @returns the wakes to be added
   */
  release(
    deliveries: readonly LeasedDelivery[],
    gates: readonly DueWebhook[],
    endedLeases: readonly LeaseId[],
  ): Promise<readonly DueWebhook[]>;
}

/** Keeps workers' leases alive. */
export interface LeaseLedger {
  /** Makes the lease of a new worker. @returns PostgreSQL's time in milliseconds since 1970 */
  register(workerId: WorkerId, leaseMs: number): Promise<{ readonly nowMs: number }>;
  /** Moves on the lease of a worker. @returns whether it still stood, and PostgreSQL's time in milliseconds since 1970 */
  heartbeat(workerId: WorkerId, leaseMs: number): Promise<{ readonly standing: boolean; readonly nowMs: number }>;
  /**
   * Ends leases that this worker holds without knowing: the answer to the statement that made them was lost.
   *
   * @param madeBefore - younger leases are left alone, because their statement may still be under way
   * @returns how many deliveries became due
   */
  freeForgotten(workerId: WorkerId, known: readonly LeaseId[], madeBefore: LeaseId): Promise<number>;
  /** Ends a worker that has given everything back. */
  retire(workerId: WorkerId): Promise<void>;
}

/** Finds what a crash left behind. Each call is bounded by `limit`. */
export interface SweepLedger {
  /** Batches that have waited longer than `olderThanMs` for their fan-out. */
  strandedBatches(olderThanMs: number, limit: number): Promise<readonly BatchToFanOut[]>;
  /** Lets the deliveries of workers whose lease has lapsed be claimed again, and moves their webhooks' gates to now. */
  releaseLapsedWorkers(leaseMs: number): Promise<number>;
  /** Webhooks whose gate has been due for longer than `overdueMs`, oldest first. */
  overdueWebhooks(overdueMs: number, limit: number): Promise<readonly WebhookId[]>;
  /** Cancels tests that no worker has taken for `olderThanMs`: the people who asked for them have been told so, or are gone. */
  cancelUnsentTests(olderThanMs: number, limit: number): Promise<number>;
  /** Forgets idempotency keys older than `olderThanMs`. */
  forgetIdempotencyKeys(olderThanMs: number, limit: number): Promise<number>;
}

/** The lease of this worker has lapsed: other workers may own its deliveries by now. It must drop everything and begin anew. */
export class LapsedWorkerError extends Error {
  override readonly name = 'LapsedWorkerError';

  /** @param workerId - the name under which it lapsed; the worker may have started over under another already */
  constructor(readonly workerId: WorkerId) {
    super('The lease of this worker has lapsed.');
  }
}
