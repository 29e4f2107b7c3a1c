import type { ApiKeyId, Permission, StoreId } from '@signpost/domain';
import { byteaArray } from '../sql/binary-array';
import type { SqlRunner, Statement } from '../sql/sql-client';

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

interface FoundRow extends FoundApiKey {
  readonly keyHash: Buffer;
}

const FIND_BY_HASH: Statement = {
  name: 'api_keys_by_hash',
  // Every request waits for this statement: while PostgreSQL hangs, the request is answered with 503 after this time.
  answerMsMax: 4_000,
  text: `SELECT k.key_hash AS "keyHash", k.id, k.store_id AS "storeId", s.key AS "storeKey", k.version, k.activated, k.permissions,
           coalesce(k.expires_at <= now(), false) AS expired, k.allowed_cidrs AS "allowedCidrs", k.rate_limit AS "rateLimit",
           k.secret_sealed AS "secretSealed", k.previous_secret_sealed AS "previousSecretSealed",
           coalesce(k.previous_secret_until > now(), false) AS "previousSecretValid"
         FROM api_keys k JOIN stores s ON s.id = k.store_id AND s.deleted_at IS NULL
         WHERE k.key_hash = ANY ($1::bytea[])`,
};

/** Finds the API keys that callers show. Callers that come in the same turn of the event loop share one indexed look-up. */
export class ApiKeyLookup {
  private asked: Buffer[] = [];
  private finding: Promise<ReadonlyMap<string, FoundApiKey>> | null = null;

  constructor(private readonly sql: SqlRunner) {}

  /** @returns null when there is no such key, or its store was deleted */
  async findByHash(keyHash: Buffer): Promise<FoundApiKey | null> {
    this.asked.push(keyHash);
    this.finding ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.find());
    const found = await this.finding;
    return found.get(nameOf(keyHash)) ?? null;
  }

  private async find(): Promise<ReadonlyMap<string, FoundApiKey>> {
    const keyHashes = this.asked;
    this.asked = [];
    this.finding = null;
    const rows = await this.sql.run<FoundRow>(FIND_BY_HASH, [byteaArray(keyHashes, (hash) => hash)]);
    return new Map(rows.map(({ keyHash, ...found }) => [nameOf(keyHash), found]));
  }
}

function nameOf(keyHash: Buffer): string {
  return keyHash.toString('base64');
}
