import type { ApiKeyId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';

/** What an administrator should look at: keys that nobody needs, that are old, or that may do more than they do. */
export const KEY_WARNINGS = ['unused', 'old', 'too_many_permissions'] as const;
export type KeyWarning = (typeof KEY_WARNINGS)[number];

/** When a key was used last, and the warnings about it. */
export interface KeyStanding {
  /** Null: it was never used. */
  readonly lastUsedAt: Date | null;
  readonly warnings: readonly KeyWarning[];
}

/** How often a key was used for one operation in one hour. */
export interface KeyUsageBucket {
  readonly at: Date;
  readonly operation: string;
  readonly allowed: number;
  readonly refused: number;
}

/** The standing of a key that was just created. */
export const UNUSED_SO_FAR: KeyStanding = { lastUsedAt: null, warnings: [] };

/** What API keys were used for. */
export class KeyUsageQueries {
  constructor(private readonly sql: SqlRunner) {}

  /** @returns the standing of each of these keys that exists; one round trip */
  async standings(ids: readonly ApiKeyId[]): Promise<ReadonlyMap<ApiKeyId, KeyStanding>> {
    if (ids.length === 0) return new Map();
    const rows = await this.sql.run<StandingRow>(STANDINGS, [ids]);
    return new Map(
      rows.map(({ id, lastUsedAt, ...signs }) => [
        id,
        { lastUsedAt, warnings: KEY_WARNINGS.filter((warning) => signs[warning]) },
      ]),
    );
  }

  /**
   * How often one key was used in each hour that begins between two times, oldest first. The caller has checked that the key is of the
   * right store.
   */
  hours(id: ApiKeyId, sinceMs: number, untilMs: number): Promise<KeyUsageBucket[]> {
    return this.sql.run<KeyUsageBucket>(HOURS, [id, new Date(sinceMs), new Date(untilMs)]);
  }
}

type StandingRow = { readonly id: ApiKeyId; readonly lastUsedAt: Date | null } & Readonly<Record<KeyWarning, boolean>>;

/** A key that signs for an enabled webhook is not `unused`, even if nobody ever calls with it. */
const STANDINGS: Statement = {
  name: 'key_standings',
  text: `
SELECT k.id, u.last_used_at AS "lastUsedAt",
       coalesce(u.last_used_at, k.created_at) < now() - interval '30 days'
         AND NOT EXISTS (SELECT FROM webhooks w WHERE w.api_key_id = k.id AND w.enabled AND w.deleted_at IS NULL) AS unused,
       coalesce(k.rotated_at, k.created_at) < now() - interval '180 days' AS old,
       k.created_at < now() - interval '30 days' AND coalesce(u.last_used_at >= now() - interval '30 days', false)
         AND NOT k.permissions <@ u.exercised AS too_many_permissions
FROM api_keys k
CROSS JOIN LATERAL (
  SELECT max(last_used_at) FILTER (WHERE permission = '') AS last_used_at,
         coalesce(array_agg(permission) FILTER (WHERE last_used_at >= now() - interval '30 days'), '{}') AS exercised
  FROM api_key_last_uses WHERE api_key_id = k.id
) u
WHERE k.id = ANY ($1::uuid[])`,
};

const HOURS: Statement = {
  name: 'key_usage_hours',
  text: `
SELECT hour AS at, operation, allowed, refused FROM api_key_usage
WHERE api_key_id = $1 AND hour >= $2 AND hour < $3
ORDER BY hour, operation`,
};
