import type {
  Actor,
  RecoveryCreation,
  RecoveryEntity,
  RecoveryRepository,
  RecoveryWindow,
  RetryFilter,
} from '@signpost/database';
import type { JobQueue } from '@signpost/delivery';
import { assertNever, SignpostError, type StoreId, type WebhookId } from '@signpost/domain';
import { notFound } from '../problems/not-found';
import { validationFailed } from '../problems/validation-pipe';

/** Takes requests to send deliveries again, and has workers begin with them. */
export class RecoveryRequests {
  /** @param queueFailed hears of jobs that could not be added; the sweep adds them */
  constructor(
    private readonly recoveries: RecoveryRepository,
    private readonly queue: JobQueue,
    private readonly queueFailed: (error: unknown) => void,
  ) {}

  /** @throws SignpostError `not_found`, `webhook_disabled`, or `validation_failed` when the window ends before it begins */
  async recover(storeId: StoreId, webhookId: WebhookId, window: RecoveryWindow, actor: Actor): Promise<RecoveryEntity> {
    return this.begin(await this.recoveries.recoverWebhook(storeId, webhookId, window, actor), 'webhook');
  }

  /** @throws SignpostError `not_found` when the store is, or `validation_failed` when the window ends before it begins */
  async retry(storeId: StoreId, filter: RetryFilter, actor: Actor): Promise<RecoveryEntity> {
    return this.begin(await this.recoveries.retryMatching(storeId, filter, actor), 'store');
  }

  private async begin(creation: RecoveryCreation, missing: 'webhook' | 'store'): Promise<RecoveryEntity> {
    switch (creation.kind) {
      case 'created':
        await this.queue.addRecovery(creation.recovery.id).catch(this.queueFailed);
        return creation.recovery;
      case 'empty_window':
        throw emptyWindow(missing === 'store' ? 'filter.since' : 'since');
      case 'webhook_disabled':
        throw new SignpostError('webhook_disabled', 'The webhook is disabled; enable it first, then recover.');
      case 'not_found':
        throw notFound(missing);
      default:
        return assertNever(creation);
    }
  }
}

function emptyWindow(field: string): SignpostError {
  return validationFailed([{ field, rule: 'empty_window', message: `${field} must be before until, and before now.` }]);
}
