import { encodeId, idTimeMs, type DeliveryId, type EventId, type StoreId, type WebhookId } from '@signpost/domain';
import type { Actor, AuditLog } from '../admin/audit-log';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import type { SqlClient } from '../sql/sql-client';
import { ATTEMPT_COLUMNS, type AttemptRow, type DeliveryStatus } from './delivery-log';
import { followersFrom } from './log-page';

/** A webhook as far as a test of it needs to be known. */
export interface TestTarget {
  readonly eventTypes: readonly string[];
  /** Whether its key is active; without one nothing can be sent. */
  readonly signed: boolean;
}

/** A test event and its only delivery. */
export interface NewTestDelivery {
  readonly deliveryId: DeliveryId;
  readonly eventId: EventId;
  readonly storeId: StoreId;
  readonly webhookId: WebhookId;
  readonly eventType: string;
  /** ISO 8601 in UTC. */
  readonly timestamp: string;
  /** JSON text, kept byte for byte. */
  readonly data: string;
}

/** How far a test has got. */
export interface TestProgress {
  readonly status: DeliveryStatus;
  readonly attempt: AttemptRow | null;
}

/** Deliveries that somebody asked for to see what the endpoint answers; they work for a disabled webhook too. */
export class TestDeliveries {
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
  ) {}

  /** @returns null when the store has no such webhook. */
  async findTarget(storeId: StoreId, webhookId: WebhookId): Promise<TestTarget | null> {
    const [target] = await this.sql.run<TestTarget>(FIND_TARGET, [webhookId, storeId]);
    return target ?? null;
  }

  /**
   * Logs the event and its delivery. No claim of the webhook takes this delivery, only the worker that gets its job. When no worker gets
   * the job, because this process dies before it adds it or the queue loses it, the sweep cancels the delivery.
   */
  async create(test: NewTestDelivery, actor: Actor): Promise<void> {
    const { eventId, storeId, eventType, timestamp, data, deliveryId, webhookId } = test;
    await this.sql.transaction(async (runner) => {
      await runner.run(CREATE, [eventId, storeId, eventType, timestamp, data, deliveryId, webhookId]);
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'webhook.tested',
        objectId: encodeId('webhook', webhookId),
        after: { deliveryId: encodeId('delivery', deliveryId), eventType },
      });
    });
  }

  /** @throws Error when there is no such test: a test is read back only by the request that made it */
  async progress(storeId: StoreId, deliveryId: DeliveryId): Promise<TestProgress> {
    const values = [deliveryId, storeId, followersFrom(idTimeMs(deliveryId))];
    const [row] = await this.sql.run<ProgressRow>(PROGRESS, values);
    if (row === undefined) throw new Error('The test delivery is gone.');
    return { status: row.status, attempt: row.id === null ? null : row };
  }

  /** Ends a test that no worker has taken. @returns false when one has. */
  async cancel(storeId: StoreId, deliveryId: DeliveryId): Promise<boolean> {
    const canceled = await this.sql.run(CANCEL, [deliveryId, storeId]);
    return canceled.length > 0;
  }
}

type ProgressRow = { readonly status: DeliveryStatus } & (AttemptRow | { readonly id: null });

const PROGRESS = {
  name: 'test progress',
  text: `SELECT d.status, a.* FROM deliveries d
         LEFT JOIN (SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE delivery_id = $1 AND id >= $3) a ON true
         WHERE d.id = $1 AND d.store_id = $2 LIMIT 1`,
};

const FIND_TARGET = {
  name: 'test target',
  text: `SELECT w.event_types AS "eventTypes", ${KEY_IS_ACTIVE} AS signed
         FROM webhooks w LEFT JOIN api_keys k ON k.id = w.api_key_id
         WHERE w.id = $1 AND w.store_id = $2 AND w.deleted_at IS NULL`,
};

const CREATE = {
  name: 'test create',
  text: `WITH event AS (
           INSERT INTO events (id, store_id, type, occurred_at, data, test) VALUES ($1, $2, $3, $4, $5, true)
         ), unsent AS (
           INSERT INTO unsent_tests (delivery_id) VALUES ($6)
         )
         INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, trigger)
         VALUES ($6, $2, $1, $7, $3, 'queued', false, 'test')`,
};

const CANCEL = {
  name: 'test cancel',
  text: `WITH canceled AS (
           UPDATE deliveries SET status = 'canceled'
           WHERE id = $1 AND store_id = $2 AND trigger = 'test' AND status = 'queued' AND lease_id IS NULL RETURNING id
         )
         DELETE FROM unsent_tests WHERE delivery_id = (SELECT id FROM canceled) RETURNING delivery_id`,
};
