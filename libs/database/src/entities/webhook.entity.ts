import type { ApiKeyId, StoreId, WebhookId } from '@signpost/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A subscription. Deleting one only marks it, so that the log can still say where its deliveries went. */
@Entity({ name: 'webhooks', synchronize: false })
export class WebhookEntity {
  @PrimaryColumn('uuid')
  id: WebhookId;

  @Column({ type: 'uuid', name: 'store_id' })
  storeId: StoreId;

  @Column('text')
  url: string;

  @Column({ type: 'text', name: 'event_types', array: true })
  eventTypes: string[];

  @Column('text')
  description: string;

  /** The API key whose secret signs; null once that key was deleted with force. */
  @Column({ type: 'uuid', name: 'api_key_id', nullable: true })
  apiKeyId: ApiKeyId | null;

  /** Requests per second over all workers; null is unlimited. */
  @Column({ type: 'integer', name: 'rate_limit', nullable: true })
  rateLimit: number | null;

  @Column('boolean')
  enabled: boolean;

  @Column({ type: 'text', name: 'disabled_reason', nullable: true })
  disabledReason: string | null;

  @Column({ type: 'timestamptz', name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;

  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
