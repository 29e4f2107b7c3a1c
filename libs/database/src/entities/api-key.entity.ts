import type { ApiKeyId, Permission, StoreId } from '@signpost/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A public key and its secret, both sealed at rest; the key is found by its SHA-256. */
@Entity({ name: 'api_keys', synchronize: false })
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: ApiKeyId;

  @Column({ type: 'uuid', name: 'store_id' })
  storeId: StoreId;

  @Column('text')
  description: string;

  @Column({ type: 'bytea', name: 'key_hash' })
  keyHash: Buffer;

  @Column({ type: 'text', name: 'key_sealed' })
  keySealed: string;

  /** The masked form, which lists show without opening the sealed key. */
  @Column({ type: 'text', name: 'key_hint' })
  keyHint: string;

  @Column({ type: 'text', name: 'secret_sealed' })
  secretSealed: string;

  /** The secret before the last rotation; valid beside the current one until `previousSecretUntil`. */
  @Column({ type: 'text', name: 'previous_secret_sealed', nullable: true })
  previousSecretSealed: string | null;

  @Column({ type: 'timestamptz', name: 'previous_secret_until', nullable: true })
  previousSecretUntil: Date | null;

  @Column({ type: 'text', array: true })
  permissions: Permission[];

  @Column('boolean')
  activated: boolean;

  /** From this moment on it neither authenticates nor signs; null: it does not expire. */
  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  /** Networks in CIDR notation that it may be used from; null: from anywhere. */
  @Column({ type: 'text', name: 'allowed_cidrs', array: true, nullable: true })
  allowedCidrs: string[] | null;

  /** Requests per second, on all API processes together; null: as the configuration says. */
  @Column({ type: 'integer', name: 'rate_limit', nullable: true })
  rateLimit: number | null;

  /** Kept by the database: grows with every change, so that a cached caller is valid for exactly one version. */
  @Column({ type: 'bigint', insert: false, update: false })
  version: string;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', insert: false, update: false })
  updatedAt: Date;

  @Column({ type: 'timestamptz', name: 'rotated_at', nullable: true })
  rotatedAt: Date | null;
}
