import type { BatchId, DeliveryId, RecoveryId, SubscribableEventType, WebhookId } from '@signpost/domain';

/** A batch to be fanned out. */
export interface BatchToFanOut {
  readonly batchId: BatchId;
  readonly eventType: SubscribableEventType;
  /** Whether it is bulk, which waits in a queue of its own and gives way to other batches; left out when it is not. */
  readonly bulk?: boolean;
  /** Of bulk: when it is its turn, in milliseconds since 1970; left out: now. The batch that is due first comes first. */
  readonly dueAtMs?: number | undefined;
}

/** Hints to the workers; everything here can be rebuilt from PostgreSQL by the sweep. */
export interface JobQueue {
  /**
   * Adds one job per batch, named after the event type. The batch id is the job id, so that adding a batch twice adds one job. If
   * thousands of jobs wait already, as when no worker runs, none may be added: the sweep adds them later. `stranded`: these are the
   * oldest batches, which the sweep has found, and their jobs are always added.
   */
  addBatches(batches: readonly BatchToFanOut[], options?: { stranded: boolean }): Promise<void>;
  /** Adds one job per webhook and bucket of due times. `deduplicate`: adds none while such a job of the webhook still waits or runs. */
  addWakes(
    wakes: readonly { webhookId: WebhookId; delayMs: number }[],
    options?: { deduplicate: boolean },
  ): Promise<void>;
  /** Asks a worker to send one test delivery now. */
  addTest(deliveryId: DeliveryId): Promise<void>;
  /** Asks a worker to attempt one delivery now. */
  addRetry(deliveryId: DeliveryId): Promise<void>;
  addRecovery(recoveryId: RecoveryId): Promise<void>;
}
