import { DURATION_SLOTS, type StoreId, type WebhookId } from '@signpost/domain';
import type { SqlRunner } from './sql-client';

/** Which statistics are read. They are kept by the hour in UTC: times are whole buckets, in milliseconds since 1970. */
export interface StatsWindow {
  readonly sinceMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** A whole number of hours that divides a day. */
  readonly bucketMs: number;
  /** Null: of all webhooks of the store. */
  readonly webhookId: WebhookId | null;
}

/** What was attempted. Test sends do not count. */
export interface AttemptCounts {
  readonly attempts: number;
  readonly failedAttempts: number;
}

export interface DeliveryCounts extends AttemptCounts {
  readonly delivered: number;
  /** Deliveries that were given up. */
  readonly failed: number;
}

export interface StatsBucket extends DeliveryCounts {
  readonly atMs: number;
  /** How many attempts took how long, as the domain's duration histogram has it. */
  readonly durations: readonly number[];
}

export interface WebhookStats extends DeliveryCounts {
  readonly id: WebhookId;
  readonly url: string;
  readonly buckets: readonly (AttemptCounts & { readonly atMs: number })[];
}

/** What waits now. Beyond {@link BACKLOG_MAX} it is not counted on. */
export interface Backlog {
  readonly waiting: number;
  readonly held: number;
  readonly exact: boolean;
}

const BACKLOG_MAX = 10_000;
const WEBHOOKS_MAX = 50;

/**
 * Charts from hourly counts, which workers write with the results: what is read depends on the number of webhooks and hours, not on
 * the number of deliveries. Each call is bound to one store.
 */
export class DeliveryStats {
  constructor(private readonly sql: SqlRunner) {}

  /** Buckets without any attempt are missing. */
  buckets(storeId: StoreId, window: StatsWindow): Promise<StatsBucket[]> {
    return this.sql.run<StatsBucket>(BUCKETS, windowValues(storeId, window));
  }

  /** Events accepted per bucket, as far as they have been fanned out; those without any are missing. */
  accepted(storeId: StoreId, { sinceMs, untilMs, bucketMs }: StatsWindow): Promise<{ atMs: number; events: number }[]> {
    return this.sql.run(ACCEPTED, [storeId, sinceMs, untilMs, bucketMs]);
  }

  /** How often attempts ended in which answer and which error; null: in none. */
  outcomes(
    storeId: StoreId,
    { sinceMs, untilMs, webhookId }: StatsWindow,
  ): Promise<{ statusCode: number | null; errorCode: string | null; count: number }[]> {
    return this.sql.run(OUTCOMES, [storeId, sinceMs, untilMs, webhookId]);
  }

  /** The live webhooks that were attempted: the worst first, and of them the first fifty. */
  async webhooks(storeId: StoreId, window: StatsWindow): Promise<WebhookStats[]> {
    const values = windowValues(storeId, window);
    const webhooks = await this.sql.run<Omit<WebhookStats, 'buckets'>>(WORST_WEBHOOKS, [
      ...[storeId, window.sinceMs, window.untilMs, window.webhookId],
    ]);
    if (webhooks.length === 0) return [];
    const rows = await this.sql.run<AttemptCounts & { id: WebhookId; atMs: number }>(WEBHOOK_BUCKETS, [
      ...values.slice(0, 4),
      webhooks.map(({ id }) => id),
    ]);
    return webhooks.map((webhook) => ({
      ...webhook,
      buckets: rows.flatMap(({ id, ...bucket }) => (id === webhook.id ? [bucket] : [])),
    }));
  }

  /** What waits for its time or for an endpoint, and what for a key; what a worker has in hand is neither. */
  async backlog(storeId: StoreId, webhookId: WebhookId | null): Promise<Backlog> {
    const [row] = await this.sql.run<{ waiting: number; held: number }>(BACKLOG, [storeId, webhookId]);
    const { waiting = 0, held = 0 } = row ?? {};
    return { waiting, held, exact: waiting + held < BACKLOG_MAX };
  }
}

function windowValues(storeId: StoreId, { sinceMs, untilMs, bucketMs, webhookId }: StatsWindow): unknown[] {
  return [storeId, sinceMs, untilMs, bucketMs, webhookId];
}

const IN_WINDOW = `store_id = $1 AND hour >= to_timestamp($2::float8 / 1000) AND hour < to_timestamp($3::float8 / 1000)`;
const AT_MS = `(floor(extract(epoch FROM hour)::float8 * 1000 / $4::float8) * $4::float8)`;
const SLOT_SUMS = Array.from(
  { length: DURATION_SLOTS },
  (_, slot) => `coalesce(sum(durations[${slot + 1}]), 0)::float8`,
).join(', ');
const COUNTS = `sum(attempts)::float8 AS attempts, sum(failed_attempts)::float8 AS "failedAttempts",
       sum(delivered)::float8 AS delivered, sum(failed)::float8 AS failed`;

const BUCKETS = {
  name: 'stats buckets',
  text: `
SELECT ${AT_MS} AS "atMs", ${COUNTS}, ARRAY[${SLOT_SUMS}] AS durations
FROM webhook_stats WHERE ${IN_WINDOW} AND ($5::uuid IS NULL OR webhook_id = $5) GROUP BY 1 ORDER BY 1`,
};

const ACCEPTED = {
  name: 'stats accepted',
  text: `
SELECT ${AT_MS} AS "atMs", sum(events)::float8 AS events FROM accepted_events WHERE ${IN_WINDOW} GROUP BY 1 ORDER BY 1`,
};

const OUTCOMES = {
  name: 'stats outcomes',
  text: `
SELECT nullif(status_code, 0) AS "statusCode", nullif(error_code, '') AS "errorCode", sum(attempts)::float8 AS count
FROM attempt_outcomes WHERE ${IN_WINDOW} AND ($4::uuid IS NULL OR webhook_id = $4)
GROUP BY status_code, error_code ORDER BY 3 DESC`,
};

const WORST_WEBHOOKS = {
  name: 'stats worst webhooks',
  text: `
SELECT w.id, w.url, s.* FROM (
  SELECT webhook_id, ${COUNTS} FROM webhook_stats WHERE ${IN_WINDOW} AND ($4::uuid IS NULL OR webhook_id = $4) GROUP BY webhook_id
) s JOIN webhooks w ON w.id = s.webhook_id
WHERE w.deleted_at IS NULL AND s.attempts > 0
ORDER BY s."failedAttempts" / s.attempts DESC, s."failedAttempts" DESC, s.attempts DESC, w.id LIMIT ${WEBHOOKS_MAX}`,
};

const WEBHOOK_BUCKETS = {
  name: 'stats webhook buckets',
  text: `
SELECT webhook_id AS id, ${AT_MS} AS "atMs", sum(attempts)::float8 AS attempts, sum(failed_attempts)::float8 AS "failedAttempts"
FROM webhook_stats WHERE ${IN_WINDOW} AND webhook_id = ANY ($5::uuid[]) GROUP BY 1, 2 ORDER BY 2`,
};

const BACKLOG = {
  name: 'stats backlog',
  text: `
SELECT count(*) FILTER (WHERE status <> 'held')::int AS waiting, count(*) FILTER (WHERE status = 'held')::int AS held
FROM (
  SELECT d.status FROM webhooks w CROSS JOIN LATERAL (
    SELECT status FROM deliveries WHERE webhook_id = w.id AND waiting LIMIT ${BACKLOG_MAX}
  ) d
  WHERE w.store_id = $1 AND w.deleted_at IS NULL AND ($2::uuid IS NULL OR w.id = $2) LIMIT ${BACKLOG_MAX}
) b`,
};
