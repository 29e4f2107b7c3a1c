import type { WebhookId } from '@signpost/domain';
import type { DataSource } from 'typeorm';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';

/** How a webhook fares, from what workers recorded. */
export interface WebhookHealth {
  /** Whether its key is there, switched on and not expired; without one its deliveries are held. */
  readonly keyActive: boolean;
  readonly consecutiveFailures: number;
  /** Until when the circuit breaker keeps its deliveries back; null: closed. */
  readonly openUntil: Date | null;
  readonly failingSince: Date | null;
  /** The earliest time at which a delivery of it is known to be due. */
  readonly nextDueAt: Date | null;
  readonly last24Hours: {
    readonly attempts: number;
    readonly delivered: number;
    readonly failedAttempts: number;
    /** Deliveries that were given up. */
    readonly failed: number;
    /** Null without attempts. */
    readonly averageDurationMs: number | null;
  };
}

type HealthRow = Omit<WebhookHealth, 'last24Hours'> & WebhookHealth['last24Hours'] & { readonly id: WebhookId };

/** Reads the health of webhooks in one round trip. Statistics are kept by the hour: the current one and the 23 before it count. */
export async function readWebhookHealth(
  dataSource: DataSource,
  ids: readonly WebhookId[],
): Promise<ReadonlyMap<WebhookId, WebhookHealth>> {
  if (ids.length === 0) return new Map();
  const rows = await dataSource.query<HealthRow[]>(READ_HEALTH, [ids]);
  return new Map(
    rows.map(({ id, attempts, delivered, failedAttempts, failed, averageDurationMs, ...gate }) => [
      id,
      { ...gate, last24Hours: { attempts, delivered, failedAttempts, failed, averageDurationMs } },
    ]),
  );
}

const READ_HEALTH = `
SELECT w.id, ${KEY_IS_ACTIVE} AS "keyActive",
       g.failures AS "consecutiveFailures", g.open_until AS "openUntil", g.failing_since AS "failingSince", g.due_at AS "nextDueAt",
       s.attempts, s.delivered, s.failed_attempts AS "failedAttempts", s.failed,
       s.duration_ms / nullif(s.attempts, 0) AS "averageDurationMs"
FROM webhooks w
JOIN gates g ON g.webhook_id = w.id
LEFT JOIN api_keys k ON k.id = w.api_key_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(attempts), 0)::int AS attempts, coalesce(sum(delivered), 0)::int AS delivered,
         coalesce(sum(failed_attempts), 0)::int AS failed_attempts, coalesce(sum(failed), 0)::int AS failed,
         coalesce(sum(duration_ms), 0) AS duration_ms
  FROM webhook_stats WHERE webhook_id = w.id AND hour > now() - interval '24 hours'
) s
WHERE w.id = ANY ($1::uuid[])`;
