import type { DeliveryId, GateDecision, GateState, StoreId, WebhookId } from '@signpost/domain';
import { assertNever, decideGate, permitsAt } from '@signpost/domain';
import type { AttemptTrigger, Claim, ClaimLedger, LeasedDelivery, NewLease } from '@signpost/delivery';
import { KEY_IS_ACTIVE } from '../keys/key-active-sql';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';
import { epochMs, msUntil, nowOrLater } from '../sql/time-sql';
import { type EventColumns, storedEvent } from './event-row';
import { onGrid } from './gate-sql';
import { lapsedWorker } from './lapsed-worker';
import { PARCEL_MIN, takeParcels, unpackParcels } from './parcels';
import { RecentEvents } from './recent-events';
import { letGo, setAside } from './set-aside';

/** Locks the gate: claims and records of one webhook follow each other, so that no due time is overlooked. */
const LOCK_GATE: Statement = {
  name: 'lock_gate',
  text: `
SELECT g.holding, g.failures, g.openings, ${epochMs('g.open_until')} AS open_until_ms, g.permits, ${epochMs('g.permits_at')} AS permits_at_ms,
       ${epochMs('now()')} AS now_ms, w.rate_limit, w.enabled, w.deleted_at IS NOT NULL AS deleted,
       ${KEY_IS_ACTIVE} AS key_active, st.id AS store_id, st.version,
       EXISTS (SELECT FROM leases l WHERE l.webhook_id = g.webhook_id AND l.worker_id IS NULL) AS parceled
FROM gates g
JOIN webhooks w ON w.id = g.webhook_id
JOIN stores st ON st.id = w.store_id
LEFT JOIN api_keys k ON k.id = w.api_key_id
WHERE g.webhook_id = $1
FOR UPDATE OF g`,
};

/** A leased delivery is handed out even if its event is gone: its attempt then says so. */
const LEASED_COLUMNS = `
  l.id AS delivery_id, l.webhook_id, l.attempts_made, l.trigger, l.event_id, l.store_id, l.event_type AS type,
  ${epochMs('coalesce(e.occurred_at, l.due_at)')} AS occurred_at_ms, e.data`;
const LEASED_RETURNING = `d.id, d.event_id, d.store_id, d.webhook_id, d.event_type, d.attempts_made, d.trigger, d.due_at`;

const CLAIM: Statement = {
  name: 'claim_deliveries',
  text: `
WITH picked AS MATERIALIZED (
  SELECT id, event_id, due_at FROM deliveries
  WHERE webhook_id = $1 AND waiting AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
), sized AS (
  SELECT p.id, coalesce(sum(octet_length(e.data)) OVER (ORDER BY p.due_at, p.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
  FROM picked p LEFT JOIN events e ON e.id = p.event_id AND e.id = ANY (ARRAY(SELECT event_id FROM picked))
), l AS (
  UPDATE deliveries d
  SET waiting = false, lease_id = $3,
      status = CASE WHEN d.status <> 'held' THEN d.status WHEN d.attempts_made > 0 THEN 'retrying' ELSE 'queued' END
  WHERE d.id = ANY (ARRAY(SELECT id FROM sized WHERE bytes_before < $5))
  RETURNING ${LEASED_RETURNING}
), lease AS (
  INSERT INTO leases (id, worker_id, delivery_ids) SELECT $3, $4::uuid, array_agg(id) FROM l HAVING count(*) > 0
)
SELECT ${LEASED_COLUMNS} FROM l LEFT JOIN events e ON e.id = l.event_id AND e.id = ANY (ARRAY(SELECT event_id FROM l)) ORDER BY l.due_at`,
};

/**
 * Takes only a test, or a delivery that is due by hand: when a job runs twice, the delivery waits for its schedule the second time and is
 * not taken.
 */
const CLAIM_ONE: Statement = {
  name: 'claim_one_delivery',
  text: `
WITH l AS (
  UPDATE deliveries d
  SET waiting = false, lease_id = $2,
      status = CASE WHEN d.status <> 'held' THEN d.status WHEN d.attempts_made > 0 THEN 'retrying' ELSE 'queued' END
  WHERE d.id = $1
    AND (d.trigger = 'manual' AND d.waiting AND d.due_at <= now() OR d.trigger = 'test' AND d.status = 'queued' AND d.lease_id IS NULL)
  RETURNING ${LEASED_RETURNING}
), lease AS (
  INSERT INTO leases (id, worker_id, delivery_ids) SELECT $2, $3::uuid, array_agg(id) FROM l HAVING count(*) > 0
), sent AS (
  DELETE FROM unsent_tests WHERE delivery_id = (SELECT id FROM l)
)
SELECT ${LEASED_COLUMNS}, st.version FROM l JOIN stores st ON st.id = l.store_id LEFT JOIN events e ON e.id = (SELECT event_id FROM l)`,
};

/**
 * Moves a gate to when its webhook has something due next, but not before $2. When more is due now, the gate is due again in $3
 * milliseconds. No moment is counted twice for permits, even when a transaction that began earlier comes later.
 */
const RESET_GATE: Statement = {
  name: 'reset_gate',
  text: `
WITH next AS (
  SELECT least((SELECT due_at FROM deliveries WHERE webhook_id = $1 AND waiting ORDER BY due_at LIMIT 1),
               (SELECT due_at FROM leases WHERE webhook_id = $1 AND worker_id IS NULL ORDER BY due_at LIMIT 1)) AS due_at
)
UPDATE gates g
SET due_at = CASE WHEN n.due_at IS NULL THEN NULL
                  WHEN $2::float8 IS NOT NULL THEN greatest(n.due_at, ${fromEpochMs('$2::float8')})
                  WHEN n.due_at <= now() THEN now() + $3::float8 * interval '1 millisecond'
                  ELSE ${onGrid('n.due_at')} END,
    permits = $4, permits_at = ${nowOrLater('g.permits_at')}, open_until = coalesce(${fromEpochMs('$5::float8')}, g.open_until),
    probe_id = coalesce($6::uuid, g.probe_id)
FROM next n
WHERE g.webhook_id = $1
RETURNING coalesce(n.due_at <= now(), false) AS more_due, ${msUntil('g.due_at')} AS delay_ms`,
};

/** A claim takes no further delivery once its payloads have this size; the last of them may exceed it. */
const CLAIM_BYTES_MAX = 1024 * 1024;
/** How long a probe may take before another one is let through, by default: the default timeout of an attempt, and some. */
const PROBE_MS = 20_000;
/** When more is due, the worker claims again once its lane has room. Should it not, the sweep finds the gate due after this time. */
const COME_BACK_MS = 5_000;
/** After this time a claim looks again for what is due and was locked by somebody else. */
const LOCKED_REST_MS = 500;

interface GateRow {
  holding: boolean;
  failures: number;
  openings: number;
  open_until_ms: number | null;
  permits: number;
  permits_at_ms: number;
  now_ms: number;
  rate_limit: number | null;
  enabled: boolean;
  deleted: boolean;
  key_active: boolean;
  store_id: StoreId;
  version: string;
  parceled: boolean;
}

interface LeasedRow extends EventColumns {
  delivery_id: DeliveryId;
  webhook_id: WebhookId;
  attempts_made: number;
  trigger: AttemptTrigger;
}

const NOTHING: Claim = { deliveries: [], storeVersions: new Map(), moreDue: false, rateLimited: false, wakes: [] };

/** Hands out waiting deliveries under the lock of their webhook's gate, a handful of round trips a claim of any size. */
export class PgClaimLedger implements ClaimLedger {
  private readonly recent = new RecentEvents();

  /** @param probeMs - how long a probe may take: longer than any attempt, or two of them may be under way at once */
  constructor(
    private readonly sql: SqlClient,
    private readonly probeMs = PROBE_MS,
  ) {}

  /** Does not wait for the disk: should PostgreSQL lose the claim, what was claimed is due again, as when its worker dies. */
  claim(webhookId: WebhookId, lease: NewLease, limit: number): Promise<Claim> {
    const claim = (runner: SqlRunner) => this.claimIn(runner, webhookId, lease, limit);
    return this.sql.transaction(claim, { waitsForDisk: false }).catch(lapsedWorker(lease));
  }

  async claimOne(deliveryId: DeliveryId, lease: NewLease): Promise<Claim | null> {
    const [row] = await this.sql
      .run<LeasedRow & { version: string }>(CLAIM_ONE, [deliveryId, lease.leaseId, lease.workerId])
      .catch(lapsedWorker(lease));
    if (row === undefined) return null;
    return {
      ...NOTHING,
      deliveries: [leasedDelivery(row, lease, false)],
      storeVersions: new Map([[row.store_id, row.version]]),
    };
  }

  private async claimIn(runner: SqlRunner, webhookId: WebhookId, lease: NewLease, limit: number): Promise<Claim> {
    const [row] = await runner.run<GateRow>(LOCK_GATE, [webhookId]);
    if (row === undefined) return NOTHING;
    const gate = gateState(row);
    const { recent, probeMs } = this;
    const { now_ms: nowMs, parceled } = row;
    const decision = decideGate(gate, nowMs, limit);
    const isSetAside = decision.kind === 'hold' || decision.kind === 'cancel';
    if (row.holding && !isSetAside && !(await letGo(runner, row.store_id, webhookId))) return goingOn(webhookId);
    const claim = await pass(runner, { webhookId, lease, gate, nowMs, decision, parceled, recent, probeMs });
    return { ...claim, storeVersions: new Map([[row.store_id, row.version]]) };
  }
}

interface Passage {
  readonly webhookId: WebhookId;
  readonly lease: NewLease;
  readonly gate: GateState;
  readonly nowMs: number;
  readonly decision: GateDecision;
  readonly parceled: boolean;
  readonly recent: RecentEvents;
  readonly probeMs: number;
}

async function pass(runner: SqlRunner, passage: Passage): Promise<Claim> {
  const { webhookId, decision, nowMs, probeMs } = passage;
  switch (decision.kind) {
    case 'wait':
      return resetGate(runner, passage, { notBeforeMs: decision.untilMs });
    case 'hold':
      return (await setAside(runner, webhookId, 'held', null)) ? NOTHING : goingOn(webhookId);
    case 'cancel':
      return (await setAside(runner, webhookId, 'canceled', decision.errorCode)) ? NOTHING : goingOn(webhookId);
    case 'pass': {
      const deliveries = await take(runner, passage, decision.limit, false);
      return { ...(await resetGate(runner, passage, { taken: deliveries.length })), deliveries };
    }
    case 'probe': {
      const deliveries = await take(runner, passage, 1, true);
      const openUntilMs = deliveries.length > 0 ? nowMs + probeMs : null;
      const probeId = deliveries[0]?.id ?? null;
      const reset = { taken: deliveries.length, notBeforeMs: openUntilMs, openUntilMs, probeId };
      return { ...(await resetGate(runner, passage, reset)), deliveries };
    }
    default:
      return assertNever(decision);
  }
}

async function take(runner: SqlRunner, passage: Passage, limit: number, probe: boolean): Promise<LeasedDelivery[]> {
  const { webhookId, lease, parceled } = passage;
  if (parceled) {
    const inParcels = limit < PARCEL_MIN ? [] : await takeParcels(runner, passage.recent, webhookId, lease, limit);
    if (inParcels.length > 0) return inParcels;
    await unpackParcels(runner, webhookId, 'older', 1);
  }
  const rows = await runner.run<LeasedRow>(CLAIM, [webhookId, limit, lease.leaseId, lease.workerId, CLAIM_BYTES_MAX]);
  return rows.map((row) => leasedDelivery(row, lease, probe));
}

interface GateReset {
  readonly taken?: number;
  readonly notBeforeMs?: number | null;
  readonly openUntilMs?: number | null;
  readonly probeId?: DeliveryId | null;
}

async function resetGate(runner: SqlRunner, passage: Passage, reset: GateReset): Promise<Claim> {
  const { webhookId, gate, nowMs } = passage;
  const permits = permitsAt(gate, nowMs) - (gate.rateLimit === null ? 0 : (reset.taken ?? 0));
  // A limited webhook whose permits are used up has to wait for the next ones, whatever is due.
  const refill = decideGate({ ...gate, permits, permitsAtMs: nowMs }, nowMs, 1);
  const notBeforeMs = reset.notBeforeMs ?? (refill.kind === 'wait' ? refill.untilMs : null);
  // What is due and could not be taken is locked: coming back for it at once, again and again, would only keep PostgreSQL busy.
  const allLocked = reset.taken === 0;
  const [row] = await runner.run<{ more_due: boolean; delay_ms: number | null }>(RESET_GATE, [
    webhookId,
    notBeforeMs,
    allLocked ? LOCKED_REST_MS : COME_BACK_MS,
    permits,
    reset.openUntilMs ?? null,
    reset.probeId ?? null,
  ]);
  const moreDue = row?.more_due === true && notBeforeMs === null && !allLocked;
  const delayMs = row?.delay_ms ?? null;
  const wakes = delayMs === null || moreDue ? [] : [{ webhookId, delayMs: Math.max(0, Math.ceil(delayMs)) }];
  return { ...NOTHING, moreDue, rateLimited: gate.rateLimit !== null, wakes };
}

/** A bounded step was made, and more of them are left: the gate stays due. */
function goingOn(webhookId: WebhookId): Claim {
  return { ...NOTHING, wakes: [{ webhookId, delayMs: 0 }] };
}

function gateState(row: GateRow): GateState {
  return {
    breaker: { failures: row.failures, openings: row.openings, openUntilMs: row.open_until_ms },
    permits: row.permits,
    permitsAtMs: row.permits_at_ms,
    rateLimit: row.rate_limit,
    webhook: row.deleted ? 'deleted' : row.enabled ? 'enabled' : 'disabled',
    keyActive: row.key_active,
  };
}

function leasedDelivery(row: LeasedRow, lease: NewLease, probe: boolean): LeasedDelivery {
  return {
    id: row.delivery_id,
    leaseId: lease.leaseId,
    storeId: row.store_id,
    webhookId: row.webhook_id,
    event: storedEvent(row),
    attemptsMade: row.attempts_made,
    trigger: row.trigger,
    probe,
  };
}

function fromEpochMs(ms: string): string {
  return `to_timestamp(${ms} / 1000)`;
}
