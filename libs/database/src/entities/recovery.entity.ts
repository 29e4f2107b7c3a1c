import type { EventId, RecoveryId, StoreId, WebhookId } from '@signpost/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The states in which a delivery can be sent again: nothing more happens to it by itself, or only after a while. */
export const RESENDABLE_STATUSES = ['failed', 'canceled', 'retrying', 'delivered'] as const;
export type ResendableStatus = (typeof RESENDABLE_STATUSES)[number];

/** Which deliveries of its webhook, or of its store, a recovery sends again; null: any value. Times are milliseconds since 1970. */
export interface RecoveryFilter {
  readonly eventId: EventId | null;
  readonly statuses: readonly ResendableStatus[];
  readonly eventType: string | null;
  /** Of the last attempt. */
  readonly statusCode: number | null;
  /** Of the last attempt. */
  readonly errorCode: string | null;
  /** Inclusive. */
  readonly sinceMs: number | null;
  /** Exclusive; never later than when the recovery was asked for. */
  readonly untilMs: number;
}

/** A request to send deliveries again, and how far the workers have got with it. */
@Entity({ name: 'recoveries', synchronize: false })
export class RecoveryEntity {
  @PrimaryColumn('uuid')
  id: RecoveryId;

  @Column({ type: 'uuid', name: 'store_id' })
  storeId: StoreId;

  /** Null: of every webhook of the store. */
  @Column({ type: 'uuid', name: 'webhook_id', nullable: true })
  webhookId: WebhookId | null;

  @Column('jsonb')
  filter: RecoveryFilter;

  @Column({ type: 'text', insert: false, update: false })
  state: 'running' | 'done' | 'canceled';

  /** Deliveries with ids above this one are looked at, in the order of their ids. */
  @Column({ type: 'uuid', name: 'from_id' })
  fromId: string;

  /** Only deliveries with ids below this one: it was fixed at the start, so that the recovery ends. */
  @Column({ type: 'uuid', name: 'below_id' })
  belowId: string;

  /** The deliveries up to this id have been looked at. */
  @Column('uuid')
  cursor: string;

  /** Deliveries that were made due again. */
  @Column({ type: 'integer', insert: false, update: false })
  requeued: number;

  /** Deliveries that match but cannot be sent: their webhook is deleted or disabled, or their payload is past its retention. */
  @Column({ type: 'integer', insert: false, update: false })
  skipped: number;

  /** `operator`, or the id of the key or the person on the wire. */
  @Column({ type: 'text', name: 'requested_by' })
  requestedBy: string;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', insert: false, update: false })
  updatedAt: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', insert: false, update: false, nullable: true })
  finishedAt: Date | null;
}
