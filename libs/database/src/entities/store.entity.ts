import type { StoreId } from '@signpost/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A tenant, known by its `key` (slug) in every URL. Deleting one only marks it, so that its log stays readable. */
@Entity({ name: 'stores', synchronize: false })
export class StoreEntity {
  @PrimaryColumn('uuid')
  id: StoreId;

  @Column('text')
  key: string;

  @Column('text')
  name: string;

  /** Kept by the database: grows with every change to the store's webhooks and API keys. */
  @Column({ type: 'bigint', insert: false, update: false })
  version: string;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
