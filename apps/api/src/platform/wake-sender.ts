import { Inject, Injectable } from '@nestjs/common';
import type { WebhookId } from '@signpost/domain';
import { BullJobQueue } from '@signpost/queue';
import type { Logger } from 'pino';
import { LOGGER } from './logger.token';

/** Tells workers, after a change was committed, which webhooks to look at. */
@Injectable()
export class WakeSender {
  constructor(
    private readonly queue: BullJobQueue,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Does not wait and never fails: the change is committed already, and while the queue is away the sweep finds the webhooks instead. */
  send(webhookIds: readonly WebhookId[]): void {
    if (webhookIds.length === 0) return;
    this.queue
      .addWakes(webhookIds.map((webhookId) => ({ webhookId, delayMs: 0 })))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'Webhooks could not be woken; the sweep will.'));
  }
}
