import type { ApiKeyId, Permission, StoreId } from '@signpost/domain';
import type { SqlRunner, Statement } from './sql-client';

/** An API key of a live store, as authentication needs it. */
export interface FoundApiKey {
  readonly id: ApiKeyId;
  readonly storeId: StoreId;
  readonly storeKey: string;
  readonly version: string;
  readonly activated: boolean;
  /** Whether its expiry has come, by PostgreSQL's clock. */
  readonly expired: boolean;
  readonly allowedCidrs: readonly string[] | null;
  readonly rateLimit: number | null;
  readonly permissions: readonly Permission[];
  readonly secretSealed: string;
  readonly previousSecretSealed: string | null;
  /** Whether the overlap after the last rotation still runs, by PostgreSQL's clock. */
  readonly previousSecretValid: boolean;
}

const FIND_BY_HASH: Statement = {
  name: 'api_key_by_hash',
  // Every request waits for it: while PostgreSQL hangs, it is answered with 503 all the same.
  answerMsMax: 4_000,
  text: `SELECT k.id, k.store_id AS "storeId", s.key AS "storeKey", k.version, k.activated, k.permissions,
           coalesce(k.expires_at <= now(), false) AS expired, k.allowed_cidrs AS "allowedCidrs", k.rate_limit AS "rateLimit",
           k.secret_sealed AS "secretSealed", k.previous_secret_sealed AS "previousSecretSealed",
           coalesce(k.previous_secret_until > now(), false) AS "previousSecretValid"
         FROM api_keys k JOIN stores s ON s.id = k.store_id AND s.deleted_at IS NULL
         WHERE k.key_hash = $1`,
};

/** Finds the API key that a caller shows: one indexed look-up. */
export class ApiKeyLookup {
  constructor(private readonly sql: SqlRunner) {}

  /** @returns null when there is no such key, or its store was deleted */
  async findByHash(keyHash: Buffer): Promise<FoundApiKey | null> {
    const [found] = await this.sql.run<FoundApiKey>(FIND_BY_HASH, [keyHash]);
    return found ?? null;
  }
}
