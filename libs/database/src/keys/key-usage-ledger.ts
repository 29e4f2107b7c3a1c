import type { ApiKeyId, Permission } from '@signpost/domain';
import { column, type Columns } from '../sql/column';
import type { SqlRunner } from '../sql/sql-client';
import { StatementParameters } from '../sql/statement-parameters';

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
    const uses = counts.flatMap<LastUse>(({ apiKeyId, lastAllowedAtMs, permissions }) =>
      lastAllowedAtMs === null
        ? []
        : [ANY, ...permissions].map((permission) => ({ apiKeyId, permission, atMs: lastAllowedAtMs })),
    );
    await this.sql.run(ADD, ADD.valuesOf({ counts, uses }));
  }
}

/** The permission in `api_key_last_uses` that stands for any call that was allowed. */
const ANY = '';

/** When a call of a key was last allowed that exercised a permission. */
interface LastUse {
  readonly apiKeyId: ApiKeyId;
  /** Or {@link ANY}. */
  readonly permission: string;
  readonly atMs: number;
}

const COUNT_COLUMNS = {
  api_key_id: column.uuid(({ apiKeyId }) => apiKeyId),
  hour_ms: column.float8(({ hourMs }) => hourMs),
  operation: column.text(({ operation }) => operation),
  allowed: column.int(({ allowed }) => allowed),
  refused: column.int(({ refused }) => refused),
} satisfies Columns<KeyUsageCount>;

const USE_COLUMNS = {
  api_key_id: column.uuid(({ apiKeyId }) => apiKeyId),
  permission: column.text(({ permission }) => permission),
  at_ms: column.float8(({ atMs }) => atMs),
} satisfies Columns<LastUse>;

const parameters = new StatementParameters<{ counts: readonly KeyUsageCount[]; uses: readonly LastUse[] }>();
const given = {
  count: parameters.rows(({ counts }) => counts, COUNT_COLUMNS),
  use: parameters.rows(({ uses }) => uses, USE_COLUMNS),
};

/** Rows are locked in one order, so that two processes that add at once do not deadlock. */
const ADD = parameters.statement(
  'add_key_usage',
  `
WITH counted AS (
  INSERT INTO api_key_usage AS u (api_key_id, hour, operation, allowed, refused)
  SELECT c.api_key_id, to_timestamp(c.hour_ms / 1000), c.operation, c.allowed, c.refused
  FROM (SELECT ${given.count.columns}) c
  JOIN api_keys k ON k.id = c.api_key_id
  ORDER BY c.api_key_id, c.hour_ms, c.operation
  ON CONFLICT (api_key_id, hour, operation) DO UPDATE SET allowed = u.allowed + excluded.allowed, refused = u.refused + excluded.refused
)
INSERT INTO api_key_last_uses AS l (api_key_id, permission, last_used_at)
SELECT c.api_key_id, c.permission, to_timestamp(max(c.at_ms) / 1000)
FROM (SELECT ${given.use.columns}) c
JOIN api_keys k ON k.id = c.api_key_id
GROUP BY c.api_key_id, c.permission
ORDER BY c.api_key_id, c.permission
ON CONFLICT (api_key_id, permission) DO UPDATE SET last_used_at = greatest(l.last_used_at, excluded.last_used_at)`,
);
