import { type Actor, type AuditLog, retryByHand, type RetryRefusal, type SqlClient } from '@signpost/database';
import type { JobQueue } from '@signpost/delivery';
import { assertNever, type DeliveryId, SignpostError, type StoreId } from '@signpost/domain';
import { notFound } from '../problems/not-found';

/** Attempts deliveries at once, because a person asks for it. */
export class DeliveryRetry {
  /** @param queueFailed hears of jobs that could not be added; the sweep finds their work */
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
    private readonly queue: JobQueue,
    private readonly queueFailed: (error: unknown) => void,
  ) {}

  /**
   * Makes a delivery due now and asks a worker for it. Its automatic schedule stands as it was.
   *
   * @throws SignpostError `not_found`, or a conflict that says why the delivery cannot be attempted now
   */
  async retry(storeId: StoreId, id: DeliveryId, actor: Actor): Promise<void> {
    const outcome = await retryByHand({ sql: this.sql, audit: this.audit }, storeId, id, actor);
    if (outcome.kind === 'refused') throw refusal(outcome.reason);
    // The delivery is due in PostgreSQL already: without these jobs it goes a little later.
    await Promise.all([this.queue.addRetry(id), this.queue.addWakes(outcome.wakes)]).catch(this.queueFailed);
  }
}

function refusal(reason: RetryRefusal): SignpostError {
  switch (reason) {
    case 'not_found':
      return notFound('delivery');
    case 'being_attempted':
      return new SignpostError('conflict', 'The delivery is being attempted right now.');
    case 'is_test':
      return new SignpostError('conflict', 'A test is sent once; test the webhook again instead.');
    case 'webhook_deleted':
      return new SignpostError('conflict', 'The webhook of this delivery was deleted.');
    case 'webhook_disabled':
      return new SignpostError('webhook_disabled', 'The webhook of this delivery is disabled; enable it first.');
    case 'held':
      return new SignpostError(
        'no_active_api_key',
        'The webhook of this delivery has no active API key to sign with. Assign or activate one, and it is sent.',
      );
    case 'payload_expired':
      return new SignpostError(
        'conflict',
        'The payload of this delivery is past its retention: there is nothing to send any more.',
      );
    default:
      return assertNever(reason);
  }
}
