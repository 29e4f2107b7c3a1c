import { idLowerBound, type WebhookId } from '@signpost/domain';
import type { FailingLedger } from '@signpost/delivery';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';
import { disableWebhooks, type Disabling } from './disabled-webhooks';

/**
 * Finds webhooks that have been failing for too long, and locks all rows that disabling them touches. It waits for no lock: a webhook that
 * another transaction has locked is left to the next sweep. A failed attempt near the end of the time, or after it, shows that a webhook
 * still fails; because statistics are kept by the hour, one hour more counts as near. Candidates are found in an index of the webhooks that
 * fail, and everything else is looked up for them: a join would read all webhooks, or all statistics.
 */
const LOCK_FAILING: Statement = {
  name: 'lock_failing_webhooks',
  text: `
WITH candidate AS MATERIALIZED (
  SELECT webhook_id FROM gates WHERE failing_since < now() - $1::float8 * interval '1 millisecond'
)
SELECT g.webhook_id, ${epochMs('g.failing_since')} AS failing_since_ms
FROM gates g JOIN webhooks w ON w.id = g.webhook_id JOIN stores st ON st.id = w.store_id
WHERE g.webhook_id = ANY (ARRAY(SELECT webhook_id FROM candidate)) AND w.id = ANY (ARRAY(SELECT webhook_id FROM candidate))
  AND g.failing_since < now() - $1::float8 * interval '1 millisecond' AND w.enabled AND w.deleted_at IS NULL AND st.deleted_at IS NULL
  AND (
    SELECT true FROM webhook_stats s
    WHERE s.webhook_id = g.webhook_id AND s.failed_attempts > 0
      AND s.hour > g.failing_since + $1::float8 * interval '1 millisecond' - interval '2 hours'
    LIMIT 1
  )
ORDER BY g.failing_since LIMIT $2
FOR UPDATE OF g SKIP LOCKED FOR NO KEY UPDATE OF w, st SKIP LOCKED`,
};

/** How many of the deliveries that failed first are looked at, and how many of the newest ones. */
const LOOKED_AT_MAX = 200;

/** The last error of each webhook, if it is among the deliveries that are looked at: a backlog is not read through for it. */
const LAST_ERRORS: Statement = {
  name: 'last_errors_of_webhooks',
  text: `
SELECT f.webhook_id, a.error_message
FROM unnest($1::uuid[], $2::uuid[]) AS f(webhook_id, from_id)
JOIN webhooks w ON w.id = f.webhook_id
CROSS JOIN LATERAL (
  SELECT id FROM (
    (SELECT id, last_attempt_at, last_error_code FROM deliveries
     WHERE store_id = w.store_id AND webhook_id = w.id AND id >= f.from_id ORDER BY id LIMIT ${LOOKED_AT_MAX})
    UNION ALL
    (SELECT id, last_attempt_at, last_error_code FROM deliveries
     WHERE store_id = w.store_id AND webhook_id = w.id ORDER BY id DESC LIMIT ${LOOKED_AT_MAX})
  ) looked_at
  WHERE last_error_code IS NOT NULL AND last_attempt_at IS NOT NULL ORDER BY last_attempt_at DESC LIMIT 1
) d
CROSS JOIN LATERAL (
  SELECT error_message FROM attempts
  WHERE delivery_id = d.id AND error_message IS NOT NULL AND trigger <> 'test' ORDER BY id DESC LIMIT 1
) a`,
};

const MAKE_DUE: Statement = {
  name: 'make_disabled_webhooks_due',
  text: `UPDATE gates SET due_at = now() WHERE webhook_id = ANY ($1::uuid[])`,
};

interface FailingRow {
  webhook_id: WebhookId;
  failing_since_ms: number;
}

/** Disables in PostgreSQL, in one short transaction, webhooks that have been failing for too long. */
export class PgFailingLedger implements FailingLedger {
  constructor(private readonly sql: SqlClient) {}

  disableFailing(failingForMs: number, limit: number): Promise<WebhookId[]> {
    return this.sql.transaction(async (runner) => {
      const failing = await runner.run<FailingRow>(LOCK_FAILING, [failingForMs, limit]);
      if (failing.length === 0) return [];
      const disabled = await disableWebhooks(runner, 'failing', await reasons(runner, failing));
      await runner.run(MAKE_DUE, [disabled]);
      return disabled;
    });
  }
}

async function reasons(runner: SqlRunner, failing: readonly FailingRow[]): Promise<Disabling[]> {
  const rows = await runner.run<{ webhook_id: WebhookId; error_message: string }>(LAST_ERRORS, [
    failing.map(({ webhook_id }) => webhook_id),
    // The delivery that failed first is a little older than its failure.
    failing.map(({ failing_since_ms }) => idLowerBound(failing_since_ms - FIRST_ATTEMPT_MS)),
  ]);
  const errors = new Map(rows.map((row) => [row.webhook_id, row.error_message]));
  return failing.map(({ webhook_id: webhookId, failing_since_ms }) => {
    const since = `It had failed without one success since ${new Date(failing_since_ms).toISOString()}.`;
    const error = errors.get(webhookId);
    return { webhookId, url: null, message: error === undefined ? since : `${since} The last error: ${error}` };
  });
}

const FIRST_ATTEMPT_MS = 60_000;
