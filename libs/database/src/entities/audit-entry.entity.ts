import type { AuditId, StoreId } from '@signpost/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who did what to which object, from where; written in the transaction of the change and never changed. */
@Entity({ name: 'audit_log', synchronize: false })
export class AuditEntryEntity {
  @PrimaryColumn('uuid')
  id: AuditId;

  @Column({ type: 'uuid', name: 'store_id', nullable: true })
  storeId: StoreId | null;

  @Column({ type: 'timestamptz', insert: false, update: false })
  at: Date;

  @Column({ type: 'text', name: 'actor_kind' })
  actorKind: 'operator' | 'api_key' | 'person' | 'system';

  @Column({ type: 'text', name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column({ type: 'text', nullable: true })
  address: string | null;

  @Column('text')
  action: string;

  @Column({ type: 'text', name: 'object_kind' })
  objectKind: string;

  @Column({ type: 'text', name: 'object_id' })
  objectId: string;

  /** Before and after of what changed, without secrets. */
  @Column('jsonb')
  changes: Record<string, unknown>;
}
