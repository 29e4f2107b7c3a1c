import type { BatchId, DeliveryId, RecoveryId, SubscribableEventType, WebhookId } from '@signpost/domain';

/** A batch to be fanned out. */
export interface BatchToFanOut {
  readonly batchId: BatchId;
  readonly eventType: SubscribableEventType;
  /** Whether it waits behind those that are not, in a queue of its own; left out: it does not. */
  readonly bulk?: boolean;
  /** Of bulk: when it is its turn, in milliseconds since 1970. Whoever is due earlier comes first; left out: now. */
  readonly dueAtMs?: number | undefined;
}

/** Hints to the workers; everything here can be rebuilt from PostgreSQL by the sweep. */
export interface JobQueue {
  /**
   * One job per batch, named after the event type, with the batch id as job id so that adding twice adds once. Where thousands wait already, as
   * while no worker runs, none may be added: the sweep brings those later. `stranded`: these are the oldest, which the sweep has found.
   */
  addBatches(batches: readonly BatchToFanOut[], options?: { stranded: boolean }): Promise<void>;
  /** One job per webhook and due time bucket. `deduplicate` names a job that must not be doubled while it waits (the sweep's). */
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
