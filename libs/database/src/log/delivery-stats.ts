import { DURATION_SLOTS, type StoreId, type WebhookId } from '@signpost/domain';
import type { SqlRunner } from '../sql/sql-client';

/** Which statistics are read. They are kept by the hour in UTC: both times are bounds of buckets, in milliseconds since 1970. */
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

/** How many deliveries wait now; counting ends at {@link BACKLOG_MAX}. */
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

  /** Events accepted per bucket, as far as they have been fanned out; buckets without any are missing. */
  accepted(storeId: StoreId, { sinceMs, untilMs, bucketMs }: StatsWindow): Promise<{ atMs: number; events: number }[]> {
    return this.sql.run(ACCEPTED, [storeId, sinceMs, untilMs, bucketMs]);
  }

  /** How often attempts ended with each status code and error; null: without one. */
  outcomes(
    storeId: StoreId,
    { sinceMs, untilMs, webhookId }: StatsWindow,
  ): Promise<{ statusCode: number | null; errorCode: string | null; count: number }[]> {
    return this.sql.run(OUTCOMES, [storeId, sinceMs, untilMs, webhookId]);
  }

  /** The live webhooks with attempts in the window, the worst first, fifty at most. */
  webhooks(storeId: StoreId, window: StatsWindow): Promise<WebhookStats[]> {
    return this.sql.run<WebhookStats>(WORST_WEBHOOKS, windowValues(storeId, window));
  }

  /**
   * Deliveries that wait for their time or their endpoint, and those that are held for want of a key. Those that a worker has leased are
   * neither.
   */
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
/** The beginning of the bucket that an hour belongs to. It is made into milliseconds only after grouping, when few rows are left. */
const BUCKET = `date_bin(make_interval(secs => $4::float8 / 1000), hour, to_timestamp(0))`;
const AT_MS = `extract(epoch FROM bucket)::float8 * 1000`;
const SLOT_SUMS = Array.from(
  { length: DURATION_SLOTS },
  (_, slot) => `coalesce(sum(durations[${slot + 1}]), 0)::float8`,
).join(', ');
const COUNTS = `sum(attempts)::float8 AS attempts, sum(failed_attempts)::float8 AS "failedAttempts",
       sum(delivered)::float8 AS delivered, sum(failed)::float8 AS failed`;

const BUCKETS = {
  name: 'stats buckets',
  text: `
SELECT ${AT_MS} AS "atMs", b.* FROM (
  SELECT ${BUCKET} AS bucket, ${COUNTS}, ARRAY[${SLOT_SUMS}] AS durations
  FROM webhook_stats WHERE ${IN_WINDOW} AND ($5::uuid IS NULL OR webhook_id = $5) GROUP BY 1
) b ORDER BY bucket`,
};

const ACCEPTED = {
  name: 'stats accepted',
  text: `
SELECT ${AT_MS} AS "atMs", events FROM (
  SELECT ${BUCKET} AS bucket, sum(events)::float8 AS events FROM accepted_events WHERE ${IN_WINDOW} GROUP BY 1
) b ORDER BY bucket`,
};

const OUTCOMES = {
  name: 'stats outcomes',
  text: `
SELECT nullif(status_code, 0) AS "statusCode", nullif(error_code, '') AS "errorCode", sum(attempts)::float8 AS count
FROM attempt_outcomes WHERE ${IN_WINDOW} AND ($4::uuid IS NULL OR webhook_id = $4)
GROUP BY status_code, error_code ORDER BY 3 DESC`,
};

/** The counts are read once, for the order of the webhooks and for their buckets. */
const WORST_WEBHOOKS = {
  name: 'stats worst webhooks',
  text: `
WITH counted AS MATERIALIZED (
  SELECT webhook_id, ${BUCKET} AS bucket, ${COUNTS}
  FROM webhook_stats WHERE ${IN_WINDOW} AND ($5::uuid IS NULL OR webhook_id = $5) GROUP BY 1, 2
), worst AS (
  SELECT w.id, w.url, c.*
  FROM (
    SELECT webhook_id, sum(attempts) AS attempts, sum("failedAttempts") AS "failedAttempts", sum(delivered) AS delivered, sum(failed) AS failed
    FROM counted GROUP BY 1 HAVING sum(attempts) > 0
  ) c JOIN webhooks w ON w.id = c.webhook_id
  WHERE w.deleted_at IS NULL
  ORDER BY c."failedAttempts" / c.attempts DESC, c."failedAttempts" DESC, c.attempts DESC, w.id LIMIT ${WEBHOOKS_MAX}
)
SELECT id, url, attempts, "failedAttempts", delivered, failed,
       (SELECT json_agg(json_build_object('atMs', ${AT_MS}, 'attempts', b.attempts, 'failedAttempts', b."failedAttempts") ORDER BY bucket)
        FROM counted b WHERE b.webhook_id = worst.webhook_id) AS buckets
FROM worst ORDER BY "failedAttempts" / attempts DESC, "failedAttempts" DESC, attempts DESC, id`,
};

/**
 * Served by indexes, so that it costs the same wherever in the log a backlog lies. Held deliveries are `waiting`, too; `trouble` tells them
 * apart.
 */
const BACKLOG = {
  name: 'stats backlog',
  text: `
SELECT count(*) FILTER (WHERE NOT held)::int AS waiting, count(*) FILTER (WHERE held)::int AS held
FROM (
  SELECT d.held FROM webhooks w CROSS JOIN LATERAL (
    (SELECT false AS held FROM deliveries WHERE webhook_id = w.id AND waiting AND trouble IS DISTINCT FROM 'held' LIMIT ${BACKLOG_MAX})
    UNION ALL
    (SELECT true FROM deliveries WHERE store_id = $1 AND webhook_trouble = w.id::text || ' held' LIMIT ${BACKLOG_MAX})
    UNION ALL
    (SELECT false FROM leases, unnest(delivery_ids) WHERE webhook_id = w.id AND worker_id IS NULL LIMIT ${BACKLOG_MAX})
  ) d
  WHERE w.store_id = $1 AND w.deleted_at IS NULL AND ($2::uuid IS NULL OR w.id = $2) LIMIT ${BACKLOG_MAX}
) b`,
};
