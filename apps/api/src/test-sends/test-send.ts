import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor, AttemptRow, NewTestDelivery, TestDeliveries } from '@signpost/database';
import type { JobQueue } from '@signpost/delivery';
import {
  isSubscribable,
  mintId,
  SignpostError,
  type StoreId,
  subscribableEntry,
  type WebhookId,
} from '@signpost/domain';
import { notFound } from '../problems/not-found';
import type { TestRequest } from './parse-test-request';

/** A test that was sent, and what came of it. */
export interface TestOutcome {
  readonly test: NewTestDelivery;
  readonly attempt: AttemptRow;
}

const POLL_MS_MIN = 10;
const POLL_MS_MAX = 100;

/** Time beyond that of the attempt: for a worker to take the job, and for the outcome to be recorded. */
const QUEUE_MS = 5_000;

/** Sends test events: a worker makes the attempt, through the guard and the sender that every delivery goes through. */
export class TestSend {
  /** @param attemptTimeoutMs the longest that one attempt takes */
  constructor(
    private readonly tests: TestDeliveries,
    private readonly queue: JobQueue,
    private readonly attemptTimeoutMs: number,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Sends one test and waits for its outcome. It is logged like any delivery, and never retried.
   *
   * @throws SignpostError `not_found`, `no_active_api_key`, `unavailable` when the job cannot be added, `worker_unavailable` when no
   *   worker answers in time, `conflict` when the webhook or its key changed meanwhile
   */
  async send(storeId: StoreId, webhookId: WebhookId, request: TestRequest, actor: Actor): Promise<TestOutcome> {
    const target = await this.tests.findTarget(storeId, webhookId);
    if (target === null) throw notFound('webhook');
    if (!target.signed) {
      const message = 'The webhook has no active API key to sign with; assign or activate one.';
      throw new SignpostError('no_active_api_key', message);
    }
    const test = this.newTest(storeId, webhookId, request, target.eventTypes);
    await this.tests.create(test, actor);
    try {
      await this.queue.addTest(test.deliveryId);
    } catch (error) {
      await this.tests.cancel(storeId, test.deliveryId);
      throw error;
    }
    return { test, attempt: await this.outcomeOf(test) };
  }

  private newTest(
    storeId: StoreId,
    webhookId: WebhookId,
    request: TestRequest,
    subscribed: readonly string[],
  ): NewTestDelivery {
    const eventType = request.eventType ?? subscribed.find(isSubscribable) ?? 'order.create';
    const nowMs = this.nowMs();
    return {
      deliveryId: mintId('delivery', nowMs),
      eventId: mintId('event', nowMs),
      storeId,
      webhookId,
      eventType,
      timestamp: new Date(nowMs).toISOString(),
      data: request.data ?? JSON.stringify(subscribableEntry(eventType).sample),
    };
  }

  private async outcomeOf({ storeId, deliveryId }: NewTestDelivery): Promise<AttemptRow> {
    const deadlineMs = this.nowMs() + this.attemptTimeoutMs + QUEUE_MS;
    for (let pauseMs = POLL_MS_MIN; ; pauseMs = Math.min(pauseMs * 1.5, POLL_MS_MAX)) {
      const { status, attempt } = await this.tests.progress(storeId, deliveryId);
      if (attempt !== null) return attempt;
      if (status !== 'queued') {
        throw new SignpostError('conflict', 'The webhook or its key changed before the test could be sent.');
      }
      if (this.nowMs() >= deadlineMs) break;
      await sleep(pauseMs);
    }
    await this.tests.cancel(storeId, deliveryId);
    throw new SignpostError('worker_unavailable', 'No worker sent the test in time. Check that a worker is running.');
  }
}
