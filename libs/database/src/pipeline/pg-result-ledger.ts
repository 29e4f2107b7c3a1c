import {
  DEFAULT_BREAKER_POLICY,
  type BreakerPolicy,
  type DeliveryId,
  type LeaseId,
  type WebhookId,
} from '@signpost/domain';
import type {
  DueWebhook,
  LeasedDelivery,
  OpenBreaker,
  RecordOutcome,
  ResultLedger,
  Settlement,
} from '@signpost/delivery';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';
import { closeBreakers, type GateChange, lockGates, storeGates } from './breaker-gates';
import { disableWebhooks } from './disabled-webhooks';
import { forgetProbes } from './free-leases';
import { moveGates, type MovedGateRow, movedGates } from './gate-sql';
import { emitOperationalEvents } from './operational-events';
import { RECORD, recordInput } from './record-statement';
import { causesEvents, exhaustedFacts, recoveredFacts } from './settlement-facts';

/**
 * An earlier record of the same deliveries, whose answer got lost, may still be under way. A record begins by locking its gates, so locking
 * the same gates waits for its end.
 */
const AWAIT_GATES: Statement = {
  name: 'await_gates',
  text: `SELECT FROM gates WHERE webhook_id = ANY ($1::uuid[]) ORDER BY webhook_id FOR UPDATE`,
};

/** Waits for the end of an earlier record that locks no gates, by locking one of its deliveries. */
const AWAIT_RECORD: Statement = {
  name: 'await_record',
  text: `SELECT FROM deliveries WHERE id = $1 FOR UPDATE`,
};

/** One attempt is enough to look for: a record stores all of its attempts, or none. */
const FIND_ATTEMPT: Statement = {
  name: 'find_attempt',
  text: `SELECT FROM attempts WHERE id = $1 AND delivery_id = $2`,
};

const MOVE_GATES: Statement = {
  name: 'move_gates',
  text: `WITH ${moveGates({ webhookIds: '$1::uuid[]', delaysMs: '$2::float8[]', onlyIf: 'true' })}
SELECT webhook_id, delay_ms FROM moved_gates`,
};

/** Cancels tests instead of making them due: the person who asked for a test does not wait that long. */
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

/**
 * - open: a webhook whose breaker has to close.
 * - due: a webhook with waiting deliveries.
 * - withdrawn: one that was disabled or deleted meanwhile, or has no active key any more.
 * - failed: a delivery that failed for good.
 */
interface RecordRow {
  kind: 'open' | 'due' | 'withdrawn' | 'failed';
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
      runner.run<RecordRow>(RECORD, RECORD.valuesOf(recordInput(settlements, endedLeases, recovering)));
    if (failing.size === 0) {
      const rows = await recordSettlements(this.sql, healthy);
      const recovering = webhooksOf(rows, 'open');
      if (recovering.length === 0) return NOTHING;
      const wakes = await this.sql.transaction((runner) => recover(runner, recovering, counted));
      return { ...NOTHING, wakes };
    }
    return this.sql.transaction(async (runner) => {
      // Gates are locked first: a claim of the same webhook then either sees the deliveries that become due here, or ends before the gate
      // is moved here.
      const gates = await lockGates(runner, [...failing], healthy);
      const rows = await recordSettlements(runner, gates.recovering);
      const wakes = await recover(runner, webhooksOf(rows, 'open'), counted);
      const changes = gates.apply(counted, this.breakerPolicy);
      await storeGates(runner, changes);
      const disabled = await disableGone(runner, counted);
      await emitOperationalEvents(runner, newsOf(rows, changes, counted));
      const due = dueOf(rows);
      for (const change of changes) postpone(due, change);
      // What waits of them is canceled or held now, not when it would have been tried again.
      for (const webhookId of [...disabled, ...webhooksOf(rows, 'withdrawn')]) due.set(webhookId, 0);
      const moved = await moveDueGates(runner, due);
      return { wakes: [...wakes, ...moved], opened: openedBy(changes), disabled };
    });
  }

  async release(
    deliveries: readonly LeasedDelivery[],
    gates: readonly DueWebhook[],
    endedLeases: readonly LeaseId[],
  ): Promise<readonly DueWebhook[]> {
    const ids = deliveries.map((delivery) => delivery.id);
    const leaseIds = deliveries.map((delivery) => delivery.leaseId);
    const giveBack = async (runner: SqlRunner): Promise<DueWebhook[]> => {
      const moved = [gates.map((gate) => gate.webhookId), gates.map((gate) => gate.delayMs)];
      return movedGates(await runner.run<MovedGateRow>(RELEASE, [ids, leaseIds, endedLeases, ...moved]));
    };
    if (!deliveries.some(({ probe }) => probe)) return giveBack(this.sql);
    return this.sql.transaction(async (runner) => {
      await forgetProbes(runner, ids, leaseIds);
      return giveBack(runner);
    });
  }

  /** Whether these settlements have been recorded. False if none has an attempt: to record those again changes nothing. */
  private async isRecorded(settlements: readonly Settlement[]): Promise<boolean> {
    const attempted = settlements.find(({ attempt }) => attempt !== null);
    if (attempted === undefined) return false;
    const { delivery, attempt } = attempted;
    await this.sql.run(AWAIT_GATES, [[...new Set(settlements.map((settlement) => settlement.delivery.webhookId))]]);
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

/** Closes the breakers of webhooks that delivered, and publishes that they recovered. If this fails, their next probe closes them. */
async function recover(
  runner: SqlRunner,
  webhookIds: readonly WebhookId[],
  settlements: readonly Settlement[],
): Promise<DueWebhook[]> {
  const closed = await closeBreakers(runner, webhookIds);
  await emitOperationalEvents(runner, recoveredFacts(closed, settlements));
  return closed.map(({ webhookId }) => ({ webhookId, delayMs: 0 }));
}

/** What is to be published of failing webhooks and their deliveries. `disableGone` publishes that webhooks were disabled. */
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

function openedBy(changes: readonly GateChange[]): OpenBreaker[] {
  return changes.flatMap(({ webhookId, openForMs }) => (openForMs > 0 ? [{ webhookId, openForMs }] : []));
}

/**
 * While its breaker is open, nothing of a webhook is due before the next probe. When the breaker has closed, or the probe was not sent, the
 * webhook is due at once.
 */
function postpone(due: Map<WebhookId, number>, { webhookId, openForMs, closed, probeUnsent }: GateChange): void {
  if (openForMs > 0) due.set(webhookId, Math.max(due.get(webhookId) ?? 0, openForMs));
  else if (closed || probeUnsent) due.set(webhookId, 0);
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
