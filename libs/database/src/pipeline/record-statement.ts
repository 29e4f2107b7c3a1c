import type { LeaseId, WebhookId } from '@signpost/domain';
import type { Settlement } from '@signpost/delivery';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import { StatementParameters } from '../sql/statement-parameters';
import { msUntil } from '../sql/time-sql';
import { REOPENED } from './reopened-sql';
import { ATTEMPT_COLUMNS, attemptsOf, type MadeAttempt, RESULT_COLUMNS } from './settlement-columns';
import { OUTCOME_COLUMNS, type Tallies, TALLY_COLUMNS, tallyUp } from './settlement-tallies';

/**
 * How long a held delivery rests before it is due again. When a key is active but its stored secret cannot be read, the gate lets
 * deliveries through that no worker can sign: without the rest, they would be claimed and held in an endless loop. One that a person
 * retried beside its schedule goes on at the time that the schedule had planned.
 */
const HELD_REST = `interval '5 seconds'`;

/**
 * SQL: whether nothing of the webhook with this id may be sent, because it or its key was withdrawn. Looked up for each webhook: there are
 * few of them in a record, and mostly none that has deliveries which wait.
 */
function isWithdrawn(webhookId: string): string {
  return `(
  SELECT w.deleted_at IS NOT NULL OR NOT w.enabled OR NOT ${KEY_IS_ACTIVE}
  FROM webhooks w LEFT JOIN api_keys k ON k.id = w.api_key_id WHERE w.id = ${webhookId}
)`;
}

/** What one record writes. */
interface RecordInput extends Tallies {
  readonly settlements: readonly Settlement[];
  readonly attempts: readonly MadeAttempt[];
  readonly endedLeases: readonly LeaseId[];
  readonly recovering: readonly WebhookId[];
}

const parameters = new StatementParameters<RecordInput>();
const given = {
  result: parameters.rows(({ settlements }) => settlements, RESULT_COLUMNS),
  attempt: parameters.rows(({ attempts }) => attempts, ATTEMPT_COLUMNS),
  tally: parameters.rows(({ tallies }) => tallies, TALLY_COLUMNS),
  outcome: parameters.rows(({ outcomes }) => outcomes, OUTCOME_COLUMNS),
  endedLeases: parameters.value(({ endedLeases }) => endedLeases),
  recovering: parameters.value(({ recovering }) => recovering),
};

/**
 * Writes attempts, delivery states, statistics, gates and ended leases in one statement. Breakers seldom have to be closed; another
 * statement closes them, because an operational event is published for each. Counts are added here and not by `add_counts()`: one call of
 * it takes longer than everything else that is done for a row. When a retry by hand of a failed delivery fails, the delivery does not count
 * as given up once more. A delivery that another worker owns by now keeps its state, unless this attempt delivered it.
 *
 * A try that was given up may be carried out after its repetition. It then finds its first attempt written, and changes and counts nothing.
 */
export const RECORD = parameters.statement(
  'record_settlements',
  `
WITH fresh AS MATERIALIZED (
  SELECT WHERE NOT EXISTS (SELECT FROM attempts WHERE id = (${given.attempt.arrays.id})[1] AND delivery_id = (${given.attempt.arrays.delivery_id})[1])
), result AS (
  SELECT ${given.result.columns} FROM fresh
), written AS (
  INSERT INTO attempts (${given.attempt.names}) SELECT ${given.attempt.columns} FROM fresh
), settled AS (
  UPDATE deliveries d
  SET status = CASE WHEN ${REOPENED} THEN 'delivered'
                    WHEN r.next = 'retry' THEN 'retrying'
                    WHEN r.next = 'resume' THEN CASE WHEN d.resume_at IS NOT NULL THEN 'retrying' ELSE 'failed' END
                    WHEN r.next = 'held' AND d.trigger = 'test' THEN 'canceled'
                    ELSE r.next END,
      waiting = NOT ${REOPENED} AND (r.next = 'retry' OR (r.next = 'held' AND d.trigger <> 'test') OR (r.next = 'resume' AND d.resume_at IS NOT NULL)),
      due_at = CASE r.next WHEN 'retry' THEN now() + r.delay_ms * interval '1 millisecond' WHEN 'held' THEN greatest(now() + ${HELD_REST}, d.resume_at) WHEN 'resume' THEN coalesce(d.resume_at, d.due_at) WHEN 'canceled' THEN now() ELSE d.due_at END,
      resume_at = NULL,
      trigger = CASE WHEN d.trigger = 'manual' AND (r.next IN ('resume', 'held') OR r.next = 'failed' AND d.resume_at IS NOT NULL) THEN 'schedule' ELSE d.trigger END,
      lease_id = NULL,
      attempts_made = d.attempts_made + r.scheduled::int,
      last_attempt_at = CASE WHEN r.attempted THEN r.started_at ELSE d.last_attempt_at END,
      last_status_code = CASE WHEN r.attempted THEN r.status_code ELSE d.last_status_code END,
      last_error_code = CASE WHEN r.next = 'held' THEN d.last_error_code ELSE r.error_code END,
      delivered_at = CASE WHEN r.next = 'delivered' THEN now() ELSE d.delivered_at END
  FROM result r
  WHERE d.id = ANY (${given.result.arrays.delivery_id}) AND d.id = r.delivery_id
    AND (d.lease_id = r.lease_id AND NOT d.waiting OR r.next = 'delivered' AND d.status <> 'delivered')
  RETURNING d.id, d.webhook_id, d.store_id, d.waiting, d.status, d.due_at, r.scheduled, r.attempted, d.trigger, r.next
), given_up AS (
  SELECT webhook_id, count(*) AS failed FROM settled WHERE next = 'failed' AND status = 'failed' AND trigger NOT IN ('test', 'manual') GROUP BY webhook_id
), tally AS (
  SELECT ${given.tally.columns} FROM fresh
), statistics AS (
  INSERT INTO webhook_stats AS s (webhook_id, hour, store_id, attempts, delivered, failed_attempts, failed, duration_ms, durations)
  SELECT t.webhook_id, date_trunc('hour', now(), 'UTC'), t.store_id, t.attempts, t.delivered, t.attempts - t.delivered, coalesce(g.failed, 0), t.duration_ms,
         t.durations::int[]
  FROM tally t LEFT JOIN given_up g USING (webhook_id)
  ORDER BY t.webhook_id
  ON CONFLICT (webhook_id, hour) DO UPDATE SET
    attempts = s.attempts + excluded.attempts, delivered = s.delivered + excluded.delivered,
    failed_attempts = s.failed_attempts + excluded.failed_attempts, failed = s.failed + excluded.failed,
    duration_ms = s.duration_ms + excluded.duration_ms, durations = (
      SELECT array_agg(coalesce(present, 0) + coalesce(added, 0) ORDER BY place)
      FROM unnest(s.durations, excluded.durations) WITH ORDINALITY AS u(present, added, place))
), outcomes AS (
  INSERT INTO attempt_outcomes AS s (store_id, hour, webhook_id, status_code, error_code, attempts)
  SELECT o.store_id, date_trunc('hour', now(), 'UTC'), o.webhook_id, o.status_code, o.error_code, o.attempts
  FROM (SELECT ${given.outcome.columns} FROM fresh) o
  ORDER BY o.store_id, o.webhook_id, o.status_code, o.error_code
  ON CONFLICT (store_id, hour, webhook_id, status_code, error_code) DO UPDATE SET attempts = s.attempts + excluded.attempts
), ended AS (
  DELETE FROM leases WHERE id = ANY (${given.endedLeases}::uuid[])
), healthy AS (
  SELECT g.webhook_id, g.open_until IS NOT NULL AS was_open FROM gates g
  WHERE g.webhook_id = ANY (${given.recovering}::uuid[]) AND g.failures > 0
  ORDER BY g.webhook_id FOR UPDATE
), recovered AS (
  UPDATE gates g SET failures = 0, openings = 0, failing_since = NULL
  FROM healthy h WHERE g.webhook_id = h.webhook_id AND NOT h.was_open
)
SELECT 'open' AS kind, webhook_id, NULL::uuid AS delivery_id, 0::float8 AS delay_ms FROM healthy WHERE was_open
UNION ALL
SELECT CASE WHEN ${isWithdrawn('settled.webhook_id')} THEN 'withdrawn' ELSE 'due' END, webhook_id, NULL, min(${msUntil('due_at')})
FROM settled WHERE waiting GROUP BY webhook_id
UNION ALL
SELECT 'failed', webhook_id, id, 0 FROM settled WHERE status = 'failed' AND attempted`,
);

/**
 * @param endedLeases - leases of which nothing is left
 * @param recovering - webhooks whose attempts all delivered: their failures in a row end
 */
export function recordInput(
  settlements: readonly Settlement[],
  endedLeases: readonly LeaseId[],
  recovering: readonly WebhookId[],
): RecordInput {
  return { settlements, attempts: attemptsOf(settlements), ...tallyUp(settlements), endedLeases, recovering };
}
