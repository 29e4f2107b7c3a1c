import {
  DEFAULT_BREAKER_POLICY,
  type BreakerPolicy,
  type DeliveryId,
  type LeaseId,
  type WebhookId,
} from '@signpost/domain';
import type { DueWebhook, LeasedDelivery, RecordOutcome, ResultLedger, Settlement } from '@signpost/delivery';
import { closeBreakers, type GateChange, lockGates, storeGates } from './breaker-gates';
import { disableWebhooks } from './disabled-webhooks';
import { moveGates, type MovedGateRow, movedGates, msUntil } from './gate-sql';
import { emitOperationalEvents } from './operational-events';
import { rowsOf } from './rows-of';
import { attemptColumns, deliveryColumns } from './settlement-columns';
import { tallyColumns } from './settlement-tallies';
import { causesEvents, exhaustedFacts, recoveredFacts } from './settlement-facts';
import type { SqlClient, SqlRunner, Statement } from './sql-client';

/**
 * Where the gate lets deliveries through that nobody can sign for, because the stored secret cannot be read, they rest in between: they
 * would else be claimed and held in an endless round.
 */
const HELD_REST = `interval '5 seconds'`;

/**
 * Attempts, delivery states, statistics, gates and ended leases in one statement. Breakers that have to be closed, which is seldom,
 * are left to another statement, for that is news. Counts are added here and not by `add_counts()`, a call of which takes longer than all else
 * of the row. A delivery that another worker owns by now keeps
 * its state, unless this attempt delivered it: then it is delivered.
 */
const RECORD: Statement = {
  name: 'record_settlements',
  text: `
WITH result AS (
  SELECT ${rowsOf({
    delivery_id: '$1::uuid[]',
    lease_id: '$2::uuid[]',
    next: '$3::text[]',
    delay_ms: '$4::float8[]',
    attempted: '$5::boolean[]',
    scheduled: '$6::boolean[]',
    status_code: '$7::smallint[]',
    error_code: '$8::text[]',
    started_at: '$9::timestamptz[]',
  })}
), written AS (
  INSERT INTO attempts (id, delivery_id, store_id, number, trigger, started_at, url, request_headers, status_code, response_headers,
    response_body, response_truncated, error_code, error_message, dns_ms, connect_ms, tls_ms, first_byte_ms, duration_ms)
  SELECT ${rowsOf({
    id: '$10::uuid[]',
    delivery_id: '$11::uuid[]',
    store_id: '$12::uuid[]',
    number: '$13::smallint[]',
    trigger: '$14::text[]',
    started_at: '$15::timestamptz[]',
    url: '$16::text[]',
    request_headers: '$17::text[]',
    status_code: '$18::smallint[]',
    response_headers: '$19::text[]',
    response_body: '$20::text[]',
    response_truncated: '$21::boolean[]',
    error_code: '$22::text[]',
    error_message: '$23::text[]',
    dns_ms: '$24::real[]',
    connect_ms: '$25::real[]',
    tls_ms: '$26::real[]',
    first_byte_ms: '$27::real[]',
    duration_ms: '$28::real[]',
  })}
), settled AS (
  UPDATE deliveries d
  SET status = CASE r.next WHEN 'retry' THEN 'retrying'
                           WHEN 'resume' THEN CASE WHEN d.resume_at IS NOT NULL THEN 'retrying' WHEN d.delivered_at IS NOT NULL THEN 'delivered' ELSE 'failed' END
                           ELSE r.next END,
      waiting = r.next = 'retry' OR (r.next = 'held' AND d.trigger <> 'test') OR (r.next = 'resume' AND d.resume_at IS NOT NULL),
      due_at = CASE r.next WHEN 'retry' THEN now() + r.delay_ms * interval '1 millisecond' WHEN 'held' THEN now() + ${HELD_REST} WHEN 'resume' THEN coalesce(d.resume_at, d.due_at) ELSE d.due_at END,
      resume_at = NULL,
      trigger = CASE WHEN d.trigger = 'manual' AND r.next IN ('resume', 'held') THEN 'schedule' ELSE d.trigger END,
      lease_id = NULL,
      attempts_made = d.attempts_made + r.scheduled::int,
      last_attempt_at = CASE WHEN r.attempted THEN r.started_at ELSE d.last_attempt_at END,
      last_status_code = CASE WHEN r.attempted THEN r.status_code ELSE d.last_status_code END,
      last_error_code = CASE WHEN r.next = 'held' THEN d.last_error_code ELSE r.error_code END,
      delivered_at = CASE WHEN r.next = 'delivered' THEN now() ELSE d.delivered_at END
  FROM result r
  WHERE d.id = ANY ($1::uuid[]) AND d.id = r.delivery_id
    AND (d.lease_id = r.lease_id AND NOT d.waiting OR r.next = 'delivered' AND d.status <> 'delivered')
  RETURNING d.id, d.webhook_id, d.store_id, d.waiting, d.status, d.due_at, r.scheduled, r.attempted, d.trigger, r.next
), given_up AS (
  SELECT webhook_id, count(*) AS failed FROM settled WHERE next = 'failed' AND trigger <> 'test' GROUP BY webhook_id
), tally AS (
  SELECT ${rowsOf({
    webhook_id: '$31::uuid[]',
    store_id: '$32::uuid[]',
    attempts: '$33::int[]',
    delivered: '$34::int[]',
    duration_ms: '$35::float8[]',
    durations: '$36::text[]',
  })}
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
  FROM unnest($37::uuid[], $38::uuid[], $39::smallint[], $40::text[], $41::int[]) AS o(store_id, webhook_id, status_code, error_code, attempts)
  ORDER BY o.store_id, o.webhook_id, o.status_code, o.error_code
  ON CONFLICT (store_id, hour, webhook_id, status_code, error_code) DO UPDATE SET attempts = s.attempts + excluded.attempts
), ended AS (
  DELETE FROM leases WHERE id = ANY ($29::uuid[])
), healthy AS (
  SELECT g.webhook_id, g.open_until IS NOT NULL AS was_open FROM gates g
  WHERE g.webhook_id = ANY ($30::uuid[]) AND g.failures > 0
  ORDER BY g.webhook_id FOR UPDATE
), recovered AS (
  UPDATE gates g SET failures = 0, openings = 0, failing_since = NULL
  FROM healthy h WHERE g.webhook_id = h.webhook_id AND NOT h.was_open
)
SELECT 'open' AS kind, webhook_id, NULL::uuid AS delivery_id, 0::float8 AS delay_ms FROM healthy WHERE was_open
UNION ALL
SELECT 'due', webhook_id, NULL, min(${msUntil('due_at')}) FROM settled WHERE waiting GROUP BY webhook_id
UNION ALL
SELECT 'failed', webhook_id, id, 0 FROM settled WHERE status = 'failed' AND attempted`,
};

/** Waits for the end of a record of the same delivery that is still under way, as its answer got lost. */
const AWAIT_RECORD: Statement = {
  name: 'await_record',
  text: `SELECT FROM deliveries WHERE id = $1 FOR UPDATE`,
};

/** A statement takes effect as a whole: where one of its attempts is, all of them are. */
const FIND_ATTEMPT: Statement = {
  name: 'find_attempt',
  text: `SELECT FROM attempts WHERE id = $1 AND delivery_id = $2`,
};

const MOVE_GATES: Statement = {
  name: 'move_gates',
  text: `WITH ${moveGates({ webhookIds: '$1::uuid[]', delaysMs: '$2::float8[]', onlyIf: 'true' })}
SELECT webhook_id, delay_ms FROM moved_gates`,
};

/** Tests are not sent later: the person who asked has gone. */
const RELEASE: Statement = {
  name: 'release_deliveries',
  text: `
WITH released AS (
  UPDATE deliveries d
  SET waiting = d.trigger <> 'test', lease_id = NULL, status = CASE WHEN d.trigger = 'test' THEN 'canceled' ELSE d.status END
  FROM unnest($1::uuid[], $2::uuid[]) AS r(id, lease_id)
  WHERE d.id = ANY ($1::uuid[]) AND d.id = r.id AND d.lease_id = r.lease_id AND NOT d.waiting AND d.status IN ('queued', 'retrying')
), ended AS (
  DELETE FROM leases WHERE id = ANY ($3::uuid[])
), ${moveGates({ webhookIds: '$4::uuid[]', delaysMs: '$5::float8[]', onlyIf: 'true', heedBreakers: true })}
SELECT webhook_id, delay_ms FROM moved_gates`,
};

/** A webhook whose breaker has to close, one that has something due, or a delivery that failed for good. */
interface RecordRow {
  kind: 'open' | 'due' | 'failed';
  webhook_id: WebhookId;
  delivery_id: DeliveryId | null;
  delay_ms: number;
}

/** Records results in groups: one round trip when all of them delivered, a short transaction when gates have to change. */
export class PgResultLedger implements ResultLedger {
  constructor(
    private readonly sql: SqlClient,
    private readonly breakerPolicy: BreakerPolicy = DEFAULT_BREAKER_POLICY,
  ) {}

  async record(
    settlements: readonly Settlement[],
    endedLeases: readonly LeaseId[],
    isRepeat: boolean,
  ): Promise<RecordOutcome> {
    if (isRepeat && (await this.isRecorded(settlements))) return NOTHING;
    const counted = settlements.filter(({ delivery }) => delivery.trigger !== 'test');
    const failing = new Set(
      counted.filter(({ next }) => next.kind !== 'delivered').map(({ delivery }) => delivery.webhookId),
    );
    const healthy = [...new Set(counted.map(({ delivery }) => delivery.webhookId))].filter((id) => !failing.has(id));
    const recordSettlements = (runner: SqlRunner, recovering: readonly WebhookId[]) =>
      runner.run<RecordRow>(RECORD, [
        ...[...deliveryColumns(settlements), ...attemptColumns(settlements), endedLeases, recovering],
        ...tallyColumns(settlements),
      ]);
    if (failing.size === 0) {
      const rows = await recordSettlements(this.sql, healthy);
      const recovering = webhooksOf(rows, 'open');
      if (recovering.length === 0) return NOTHING;
      const wakes = await this.sql.transaction((runner) => recover(runner, recovering, counted));
      return { ...NOTHING, wakes };
    }
    return this.sql.transaction(async (runner) => {
      // Locked first: a claim of the same webhook sees the deliveries that become due here, or lets this gate move afterwards.
      const gates = await lockGates(runner, [...failing], healthy);
      const rows = await recordSettlements(runner, gates.recovering);
      const wakes = await recover(runner, webhooksOf(rows, 'open'), counted);
      const changes = gates.apply(counted, this.breakerPolicy);
      await storeGates(runner, changes);
      const disabled = await disableGone(runner, counted);
      await emitOperationalEvents(runner, newsOf(rows, changes, counted));
      const due = dueOf(rows);
      for (const change of changes) postpone(due, change);
      for (const webhookId of disabled) due.set(webhookId, 0);
      const moved = await moveDueGates(runner, due);
      return { wakes: [...wakes, ...moved], opened: openedBy(changes), disabled };
    });
  }

  async release(
    deliveries: readonly LeasedDelivery[],
    gates: readonly DueWebhook[],
    endedLeases: readonly LeaseId[],
  ): Promise<readonly DueWebhook[]> {
    const rows = await this.sql.run<MovedGateRow>(RELEASE, [
      deliveries.map((delivery) => delivery.id),
      deliveries.map((delivery) => delivery.leaseId),
      endedLeases,
      gates.map((gate) => gate.webhookId),
      gates.map((gate) => gate.delayMs),
    ]);
    return movedGates(rows);
  }

  /** Without an attempt among them, recording them again changes nothing. */
  private async isRecorded(settlements: readonly Settlement[]): Promise<boolean> {
    const attempted = settlements.find(({ attempt }) => attempt !== null);
    if (attempted === undefined) return false;
    const { delivery, attempt } = attempted;
    await this.sql.run(AWAIT_RECORD, [delivery.id]);
    return (await this.sql.run(FIND_ATTEMPT, [attempt?.id, delivery.id])).length > 0;
  }
}

const NOTHING: RecordOutcome = { wakes: [], opened: [], disabled: [] };

function webhooksOf(rows: readonly RecordRow[], kind: RecordRow['kind']): WebhookId[] {
  return rows.filter((row) => row.kind === kind).map((row) => row.webhook_id);
}

function dueOf(rows: readonly RecordRow[]): Map<WebhookId, number> {
  const due = rows.filter(({ kind }) => kind === 'due');
  return new Map(due.map((row) => [row.webhook_id, Math.max(0, Math.ceil(row.delay_ms))]));
}

/** Closes breakers of webhooks that delivered, and tells of it. Should it not come to that, their next probe does it. */
async function recover(
  runner: SqlRunner,
  webhookIds: readonly WebhookId[],
  settlements: readonly Settlement[],
): Promise<DueWebhook[]> {
  const closed = await closeBreakers(runner, webhookIds);
  await emitOperationalEvents(runner, recoveredFacts(closed, settlements));
  return closed.map(({ webhookId }) => ({ webhookId, delayMs: 0 }));
}

/** What happened to failing webhooks and their deliveries, apart from their being disabled. */
function newsOf(rows: readonly RecordRow[], changes: readonly GateChange[], settlements: readonly Settlement[]) {
  const failed = new Set(rows.flatMap(({ kind, delivery_id }) => (kind === 'failed' ? [delivery_id] : [])));
  return [
    ...exhaustedFacts(settlements.filter(({ delivery }) => failed.has(delivery.id))),
    ...recoveredFacts(
      changes.filter(({ closed }) => closed),
      settlements,
    ),
  ];
}

function openedBy(changes: readonly GateChange[]): DueWebhook[] {
  return changes.flatMap(({ webhookId, openForMs }) => (openForMs > 0 ? [{ webhookId, delayMs: openForMs }] : []));
}

/** While the breaker is open nothing of the webhook is due before its probe; when it has closed, everything is. */
function postpone(due: Map<WebhookId, number>, { webhookId, openForMs, closed }: GateChange): void {
  if (closed) due.set(webhookId, 0);
  else if (openForMs > 0) due.set(webhookId, Math.max(due.get(webhookId) ?? 0, openForMs));
}

async function moveDueGates(runner: SqlRunner, due: ReadonlyMap<WebhookId, number>): Promise<DueWebhook[]> {
  if (due.size === 0) return [];
  return movedGates(await runner.run<MovedGateRow>(MOVE_GATES, [[...due.keys()], [...due.values()]]));
}

async function disableGone(runner: SqlRunner, settlements: readonly Settlement[]): Promise<WebhookId[]> {
  const gone = settlements.filter(({ next }) => next.kind === 'failed' && next.disableWebhook);
  if (gone.length === 0) return [];
  const urls = new Map(gone.map(({ delivery, attempt }) => [delivery.webhookId, attempt?.request.url ?? null]));
  const loud = new Set(gone.filter(causesEvents).map(({ delivery }) => delivery.webhookId));
  const disablings = [...urls].map(([webhookId, url]) => ({ webhookId, url, message: GONE }));
  return disableWebhooks(runner, 'gone', disablings, {
    silent: new Set([...urls.keys()].filter((id) => !loud.has(id))),
  });
}

const GONE = 'The endpoint answered 410 Gone: it wants no more events.';
