import type { ApiKeyId, Permission } from '@signpost/domain';
import { float8Array, intArray, textArray, uuidArray } from './binary-array';
import type { SqlRunner, Statement } from './sql-client';

/** How often a key was used for one operation in one hour, as far as one process has counted it. */
export interface KeyUsageCount {
  readonly apiKeyId: ApiKeyId;
  /** When the hour began, in milliseconds since 1970. */
  readonly hourMs: number;
  /** `POST /events` */
  readonly operation: string;
  readonly allowed: number;
  readonly refused: number;
  /** When a call was allowed last, in milliseconds since 1970; null: none was. */
  readonly lastAllowedAtMs: number | null;
  /** The permissions that the allowed calls exercised. */
  readonly permissions: ReadonlySet<Permission>;
}

/** Adds to the counts of what API keys are used for: one statement for all of them. */
export class KeyUsageLedger {
  constructor(private readonly sql: SqlRunner) {}

  /**
   * Adds counts; those of keys that were deleted are dropped.
   *
   * @param counts - at most one for each key, hour and operation
   * @throws SignpostError `unavailable` or the driver's error; nothing is then added
   */
  async add(counts: readonly KeyUsageCount[]): Promise<void> {
    const uses = counts.flatMap(({ apiKeyId, lastAllowedAtMs, permissions }) =>
      lastAllowedAtMs === null
        ? []
        : [ANY, ...permissions].map((permission) => ({ apiKeyId, permission, atMs: lastAllowedAtMs })),
    );
    await this.sql.run(ADD, [
      uuidArray(counts, ({ apiKeyId }) => apiKeyId),
      float8Array(counts, ({ hourMs }) => hourMs),
      textArray(counts, ({ operation }) => operation),
      intArray(counts, ({ allowed }) => allowed),
      intArray(counts, ({ refused }) => refused),
      uuidArray(uses, ({ apiKeyId }) => apiKeyId),
      textArray(uses, ({ permission }) => permission),
      float8Array(uses, ({ atMs }) => atMs),
    ]);
  }
}

/** The permission in `api_key_last_uses` that stands for any call that was allowed. */
const ANY = '';

/** Rows are locked in one order, so that two processes that add at once do not deadlock. */
const ADD: Statement = {
  name: 'add_key_usage',
  text: `
WITH counted AS (
  INSERT INTO api_key_usage AS u (api_key_id, hour, operation, allowed, refused)
  SELECT c.api_key_id, to_timestamp(c.hour_ms / 1000), c.operation, c.allowed, c.refused
  FROM unnest($1::uuid[], $2::float8[], $3::text[], $4::int[], $5::int[]) AS c(api_key_id, hour_ms, operation, allowed, refused)
  JOIN api_keys k ON k.id = c.api_key_id
  ORDER BY c.api_key_id, c.hour_ms, c.operation
  ON CONFLICT (api_key_id, hour, operation) DO UPDATE SET allowed = u.allowed + excluded.allowed, refused = u.refused + excluded.refused
)
INSERT INTO api_key_last_uses AS l (api_key_id, permission, last_used_at)
SELECT c.api_key_id, c.permission, to_timestamp(max(c.at_ms) / 1000)
FROM unnest($6::uuid[], $7::text[], $8::float8[]) AS c(api_key_id, permission, at_ms)
JOIN api_keys k ON k.id = c.api_key_id
GROUP BY c.api_key_id, c.permission
ORDER BY c.api_key_id, c.permission
ON CONFLICT (api_key_id, permission) DO UPDATE SET last_used_at = greatest(l.last_used_at, excluded.last_used_at)`,
};
