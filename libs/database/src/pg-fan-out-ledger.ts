import type { BatchId, EventId, LeaseId, StoreId, SubscribableEventType, WebhookId } from '@signpost/domain';
import type {
  AcceptedCount,
  CommittedStep,
  DueWebhook,
  FanOutLedger,
  FanOutStep,
  NewDelivery,
  NewLease,
  OpenBatch,
} from '@signpost/delivery';
import { textArray, uuidArray } from './binary-array';
import { type EventColumns, storedEvent } from './event-row';
import { epochMs, moveGates, type MovedGateRow, movedGates, msUntil } from './gate-sql';
import { lapsedWorker } from './lapsed-worker';
import { packParcels, type Parcel, payloadUnitsOf } from './parcels';
import { rowsOf } from './rows-of';
import type { SqlClient, Statement } from './sql-client';

const OPEN_BATCH: Statement = {
  name: 'open_batch',
  text: `
WITH asked AS MATERIALIZED (
  SELECT o.event_type AS batch_type, o.bulk, o.position, o.after_webhook, cardinality(o.event_ids) AS size, u.id, u.place
  FROM outbox o LEFT JOIN LATERAL unnest(o.event_ids[o.position + 1 : o.position + $2]) WITH ORDINALITY AS u(id, place) ON true
  WHERE o.batch_id = $1
), step AS (
  SELECT a.batch_type, a.bulk, a.position, a.after_webhook, a.size, a.place,
         e.id AS event_id, e.store_id, e.type, ${epochMs('e.occurred_at')} AS occurred_at_ms, e.data, st.version,
         coalesce(sum(octet_length(e.data)) OVER (ORDER BY a.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
  FROM asked a
  LEFT JOIN events e ON e.id = a.id AND e.id = ANY (ARRAY(SELECT id FROM asked))
  LEFT JOIN stores st ON st.id = e.store_id
)
SELECT batch_type, bulk, position, after_webhook, size, event_id, store_id, type, occurred_at_ms, data, version
FROM step WHERE bytes_before < $3 ORDER BY place`,
};

/**
 * The statement that inserts the deliveries also deletes the outbox row, or moves it on. When two workers fan out the same step, one of
 * them finds the row as it was read; the other does not, and writes nothing. No delivery of a webhook whose breaker is open is leased to
 * this worker, whichever worker opened the breaker.
 *
 * The commit does not wait for the disk. If a crash of PostgreSQL loses the commit, the outbox row is back, and the batch is fanned out
 * again. Deliveries that were sent and recorded meanwhile cannot be lost with it: the commit of their record flushes all earlier commits.
 */
const STEP = `
WITH finished AS (
  DELETE FROM outbox WHERE batch_id = $1 AND position = $2 AND after_webhook IS NOT DISTINCT FROM $3::uuid AND $4::int IS NULL
  RETURNING event_type
), advanced AS (
  UPDATE outbox SET position = $4, after_webhook = $5
  WHERE batch_id = $1 AND position = $2 AND after_webhook IS NOT DISTINCT FROM $3::uuid AND $4::int IS NOT NULL
  RETURNING event_type
), step AS (
  SELECT event_type FROM finished UNION ALL SELECT event_type FROM advanced
), unflushed AS MATERIALIZED (
  SELECT set_config('synchronous_commit', 'off', true)
), shut AS MATERIALIZED (
  SELECT webhook_id, greatest(0, ${msUntil('open_until')}) AS delay_ms FROM gates
  WHERE webhook_id = ANY ($14::uuid[]) AND open_until IS NOT NULL AND EXISTS (SELECT FROM step)
), inserted AS (
  INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, lease_id, last_error_code)
  SELECT d.id, d.store_id, d.event_id, d.webhook_id, d.event_type, d.status, d.status <> 'canceled' AND d.lease_id IS NULL, d.lease_id,
         CASE d.status WHEN 'canceled' THEN 'webhook_disabled' END
  FROM step, (
    SELECT id, store_id, event_id, u.webhook_id, event_type, status, CASE WHEN lease_id <> $6 OR s.webhook_id IS NULL THEN lease_id END AS lease_id
    FROM (
      SELECT ${rowsOf({
        id: '$8::uuid[]',
        store_id: '$9::uuid[]',
        event_id: '$10::uuid[]',
        webhook_id: '$11::uuid[]',
        event_type: '$12::text[]',
        status: '$13::text[]',
        lease_id: '$21::uuid[]',
      })}
    ) u
    LEFT JOIN shut s ON s.webhook_id = u.webhook_id
  ) d
  RETURNING id, lease_id
), leases_made AS (
  INSERT INTO leases (id, worker_id, webhook_id, due_at, payload_units, delivery_ids)
  SELECT i.lease_id, CASE i.lease_id WHEN $6 THEN $7::uuid END, p.webhook_id, CASE WHEN p.id IS NOT NULL THEN now() END, p.payload_units, i.delivery_ids
  FROM (SELECT lease_id, array_agg(id) AS delivery_ids FROM inserted WHERE lease_id IS NOT NULL GROUP BY lease_id) i
  LEFT JOIN unnest($22::uuid[], $23::uuid[], $24::int[]) AS p(id, webhook_id, payload_units) ON p.id = i.lease_id
), counted AS (
  INSERT INTO accepted_events AS a (store_id, hour, slot, events)
  SELECT c.store_id, to_timestamp(c.hour_ms / 1000), c.slot, c.events
  FROM step, unnest($17::uuid[], $18::float8[], $19::int[], $20::smallint[]) AS c(store_id, hour_ms, events, slot)
  ORDER BY c.store_id, c.hour_ms
  ON CONFLICT (store_id, hour, slot) DO UPDATE SET events = a.events + excluded.events
), ${moveGates({
  webhookIds: '$15::uuid[] || ARRAY(SELECT webhook_id FROM shut)',
  delaysMs: '$16::float8[] || ARRAY(SELECT 0::float8 FROM shut)',
  onlyIf: 'EXISTS (SELECT FROM step)',
  heedBreakers: true,
})}`;
const STEP_ANSWER = `
SELECT 'step' AS kind, NULL::uuid AS webhook_id, NULL::float8 AS delay_ms FROM step, unflushed
UNION ALL SELECT 'wake', webhook_id, delay_ms FROM moved_gates
UNION ALL SELECT 'shut', webhook_id, delay_ms FROM shut`;

const COMMIT_STEP: Statement = { name: 'commit_fan_out_step', text: STEP + STEP_ANSWER };

/**
 * A step that also gives some events a batch of their own. It is a statement of its own because it is seldom needed: as part of every step,
 * it would lock the partitions of all events each time.
 */
const COMMIT_STEP_APART: Statement = {
  name: 'commit_fan_out_step_apart',
  text: `${STEP}, apart AS (
  INSERT INTO outbox (batch_id, event_type, event_ids, bulk)
  SELECT u.batch_id, event_type, ARRAY[u.event_id], true FROM step, unnest($25::uuid[], $26::uuid[]) AS u(batch_id, event_id)
), moved AS (
  UPDATE events e SET batch_id = u.batch_id FROM step, unnest($25::uuid[], $26::uuid[]) AS u(batch_id, event_id)
  WHERE e.id = u.event_id AND e.id = ANY ($26::uuid[])
)${STEP_ANSWER}`,
};

/** A step reads no further event once the data of the events that it reads have this many bytes. */
const STEP_BYTES_MAX = 1024 * 1024;

interface OpenBatchRow extends Omit<EventColumns, 'event_id'> {
  batch_type: SubscribableEventType;
  bulk: boolean;
  position: number;
  after_webhook: WebhookId | null;
  size: number;
  /** Null when the event is gone; the other columns of it are then null too. */
  event_id: EventId | null;
  store_id: StoreId;
  version: string | null;
}

/** step: the step was committed; wake: the webhook's gate was moved, so that a wake has to be added; shut: its breaker is open. */
interface StepRow extends MovedGateRow {
  kind: 'step' | 'wake' | 'shut';
}

/** Fan-out in PostgreSQL: two round trips a step, whatever its size. */
export class PgFanOutLedger implements FanOutLedger {
  constructor(private readonly sql: SqlClient) {}

  async openBatch(batchId: BatchId, eventsMax: number): Promise<OpenBatch | null> {
    const rows = await this.sql.run<OpenBatchRow>(OPEN_BATCH, [batchId, eventsMax, STEP_BYTES_MAX]);
    const first = rows[0];
    if (first === undefined) return null;
    return {
      batchId,
      eventType: first.batch_type,
      bulk: first.bulk,
      position: first.position,
      afterWebhook: first.after_webhook,
      events: rows.map((row) => (row.event_id === null ? null : storedEvent({ ...row, event_id: row.event_id }))),
      more: first.position + rows.length < first.size,
      storeVersions: new Map(rows.flatMap((row) => (row.version === null ? [] : [[row.store_id, row.version]]))),
    };
  }

  async commitStep(step: FanOutStep): Promise<CommittedStep | null> {
    const { deliveries, from, next, lease, gates, accepted } = step;
    const leased = deliveries.filter(({ fate }) => fate === 'leased').map(({ webhookId }) => webhookId);
    const parcels = packParcels(deliveries, Date.now());
    const leaseOf = leasesOf(lease, parcels);
    const { apart } = step;
    const apartValues = [apart.map(({ batchId }) => batchId), apart.map(({ eventId }) => eventId)];
    const rows = await this.sql
      .run<StepRow>(apart.length === 0 ? COMMIT_STEP : COMMIT_STEP_APART, [
        step.batchId,
        from.position,
        from.afterWebhook,
        next?.position ?? null,
        next?.afterWebhook ?? null,
        lease.leaseId,
        lease.workerId,
        uuidArray(deliveries, (delivery) => delivery.id),
        uuidArray(deliveries, (delivery) => delivery.storeId),
        uuidArray(deliveries, (delivery) => delivery.eventId),
        uuidArray(deliveries, (delivery) => delivery.webhookId),
        textArray(deliveries, (delivery) => delivery.eventType),
        textArray(deliveries, ({ fate }) => (fate === 'held' || fate === 'canceled' ? fate : 'queued')),
        uuidArray([...new Set(leased)], (webhookId) => webhookId),
        gates.map((gate) => gate.webhookId),
        gates.map((gate) => gate.delayMs),
        accepted.map((count) => count.storeId),
        accepted.map((count) => count.hourMs),
        accepted.map((count) => count.events),
        countSlots(step.batchId, accepted),
        uuidArray(deliveries, leaseOf),
        parcels.map(({ leaseId }) => leaseId),
        parcels.map(({ webhookId }) => webhookId),
        parcels.map(payloadUnitsOf),
        ...(apart.length === 0 ? [] : apartValues),
      ])
      .catch(lapsedWorker(lease));
    if (rows.length === 0) return null;
    const gatesOf = (kind: StepRow['kind']): DueWebhook[] => movedGates(rows.filter((row) => row.kind === kind));
    const shut = gatesOf('shut').map(({ webhookId, delayMs }) => ({ webhookId, openForMs: delayMs }));
    return { wakes: gatesOf('wake'), shut };
  }
}

/** The lease that each delivery is written with: this worker's new lease, the lease of its parcel, or none. */
function leasesOf({ leaseId }: NewLease, parcels: readonly Parcel[]) {
  const inParcels = new Map(parcels.flatMap((parcel) => parcel.deliveries.map(({ id }) => [id, parcel.leaseId])));
  return ({ id, fate }: NewDelivery): LeaseId | null => (fate === 'leased' ? leaseId : (inParcels.get(id) ?? null));
}

const COUNT_SLOTS = 16;
/** A store that has this many times fewer events in a step than its even share would be, seldom has any in the step beside it. */
const RARE_SHARE = 4;

/**
 * In which of its rows a store's events are counted. Two fan-outs at once seldom count in the same row, where one would have to wait for
 * the commit of the other. A store among many in its step has only one row: fan-outs beside it are then seldom of the same store.
 */
function countSlots(batchId: BatchId, counts: readonly AcceptedCount[]): number[] {
  const slot = Number.parseInt(batchId.slice(-2), 16) % COUNT_SLOTS;
  return counts.map(({ events }) => (events * RARE_SHARE < counts.length ? 0 : slot));
}
