import type { BatchId, LeaseId, WebhookId } from '@signpost/domain';
import type { AcceptedCount, DueWebhook, FanOutStep, NewDelivery, NewLease } from '@signpost/delivery';
import { column, type Columns } from '../sql/column';
import { StatementParameters } from '../sql/statement-parameters';
import { msUntil } from '../sql/time-sql';
import { moveGates } from './gate-sql';
import { packParcels, type Parcel, payloadUnitsOf } from './parcels';

/** A delivery, with the lease that it is written with. */
interface WrittenDelivery {
  readonly delivery: NewDelivery;
  readonly leaseId: LeaseId | null;
}

/** Events of a store that are counted in one row. */
interface CountedEvents {
  readonly count: AcceptedCount;
  readonly slot: number;
}

/** What a step is given. */
interface StepInput {
  readonly step: FanOutStep;
  readonly deliveries: readonly WrittenDelivery[];
  /** Each once. */
  readonly leasedWebhooks: readonly WebhookId[];
  readonly parcels: readonly Parcel[];
  readonly counted: readonly CountedEvents[];
}

const DELIVERY_COLUMNS = {
  id: column.uuid(({ delivery }) => delivery.id),
  store_id: column.uuid(({ delivery }) => delivery.storeId),
  event_id: column.uuid(({ delivery }) => delivery.eventId),
  webhook_id: column.uuid(({ delivery }) => delivery.webhookId),
  event_type: column.text(({ delivery }) => delivery.eventType),
  status: column.text(({ delivery: { fate } }) => (fate === 'held' || fate === 'canceled' ? fate : 'queued')),
  lease_id: column.uuid(({ leaseId }) => leaseId),
} satisfies Columns<WrittenDelivery>;

const PARCEL_COLUMNS = {
  id: column.uuid(({ leaseId }) => leaseId),
  webhook_id: column.uuid(({ webhookId }) => webhookId),
  payload_units: column.int(payloadUnitsOf),
} satisfies Columns<Parcel>;

const COUNT_COLUMNS = {
  store_id: column.uuid(({ count }) => count.storeId),
  hour_ms: column.float8(({ count }) => count.hourMs),
  events: column.int(({ count }) => count.events),
  slot: column.smallint(({ slot }) => slot),
} satisfies Columns<CountedEvents>;

const GATE_COLUMNS = {
  webhook_id: column.uuid(({ webhookId }) => webhookId),
  delay_ms: column.float8(({ delayMs }) => delayMs),
} satisfies Columns<DueWebhook>;

const APART_COLUMNS = {
  batch_id: column.uuid(({ batchId }) => batchId),
  event_id: column.uuid(({ eventId }) => eventId),
} satisfies Columns<FanOutStep['apart'][number]>;

const parameters = new StatementParameters<StepInput>();
const given = {
  batchId: parameters.value(({ step }) => step.batchId),
  position: parameters.value(({ step }) => step.from.position),
  afterWebhook: parameters.value(({ step }) => step.from.afterWebhook),
  nextPosition: parameters.value(({ step }) => step.next?.position ?? null),
  nextAfterWebhook: parameters.value(({ step }) => step.next?.afterWebhook ?? null),
  leaseId: parameters.value(({ step }) => step.lease.leaseId),
  workerId: parameters.value(({ step }) => step.lease.workerId),
  delivery: parameters.rows(({ deliveries }) => deliveries, DELIVERY_COLUMNS),
  leasedWebhooks: parameters.value(({ leasedWebhooks }) => leasedWebhooks),
  gate: parameters.rows(({ step }) => step.gates, GATE_COLUMNS),
  counted: parameters.rows(({ counted }) => counted, COUNT_COLUMNS),
  parcel: parameters.rows(({ parcels }) => parcels, PARCEL_COLUMNS),
};

/** SQL: whether the outbox row is as it was read. */
const AS_READ = `batch_id = ${given.batchId} AND position = ${given.position} AND after_webhook IS NOT DISTINCT FROM ${given.afterWebhook}::uuid`;

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
  DELETE FROM outbox WHERE ${AS_READ} AND ${given.nextPosition}::int IS NULL
  RETURNING event_type
), advanced AS (
  UPDATE outbox SET position = ${given.nextPosition}, after_webhook = ${given.nextAfterWebhook}
  WHERE ${AS_READ} AND ${given.nextPosition}::int IS NOT NULL
  RETURNING event_type
), step AS (
  SELECT event_type FROM finished UNION ALL SELECT event_type FROM advanced
), unflushed AS MATERIALIZED (
  SELECT set_config('synchronous_commit', 'off', true)
), shut AS MATERIALIZED (
  SELECT webhook_id, greatest(0, ${msUntil('open_until')}) AS delay_ms FROM gates
  WHERE webhook_id = ANY (${given.leasedWebhooks}::uuid[]) AND open_until IS NOT NULL AND EXISTS (SELECT FROM step)
), inserted AS (
  INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting, lease_id, last_error_code)
  SELECT d.id, d.store_id, d.event_id, d.webhook_id, d.event_type, d.status, d.status <> 'canceled' AND d.lease_id IS NULL, d.lease_id,
         CASE d.status WHEN 'canceled' THEN 'webhook_disabled' END
  FROM step, (
    SELECT id, store_id, event_id, u.webhook_id, event_type, status, CASE WHEN lease_id <> ${given.leaseId} OR s.webhook_id IS NULL THEN lease_id END AS lease_id
    FROM (SELECT ${given.delivery.columns}) u
    LEFT JOIN shut s ON s.webhook_id = u.webhook_id
  ) d
  RETURNING id, lease_id
), leases_made AS (
  INSERT INTO leases (id, worker_id, webhook_id, due_at, payload_units, delivery_ids)
  SELECT i.lease_id, CASE i.lease_id WHEN ${given.leaseId} THEN ${given.workerId}::uuid END, p.webhook_id, CASE WHEN p.id IS NOT NULL THEN now() END, p.payload_units, i.delivery_ids
  FROM (SELECT lease_id, array_agg(id) AS delivery_ids FROM inserted WHERE lease_id IS NOT NULL GROUP BY lease_id) i
  LEFT JOIN (SELECT ${given.parcel.columns}) p ON p.id = i.lease_id
), counted AS (
  INSERT INTO accepted_events AS a (store_id, hour, slot, events)
  SELECT c.store_id, to_timestamp(c.hour_ms / 1000), c.slot, c.events
  FROM step, (SELECT ${given.counted.columns}) c
  ORDER BY c.store_id, c.hour_ms
  ON CONFLICT (store_id, hour, slot) DO UPDATE SET events = a.events + excluded.events
), ${moveGates({
  webhookIds: `${given.gate.arrays.webhook_id} || ARRAY(SELECT webhook_id FROM shut)`,
  delaysMs: `${given.gate.arrays.delay_ms} || ARRAY(SELECT 0::float8 FROM shut)`,
  onlyIf: 'EXISTS (SELECT FROM step)',
  heedBreakers: true,
})}`;
const STEP_ANSWER = `
SELECT 'step' AS kind, NULL::uuid AS webhook_id, NULL::float8 AS delay_ms FROM step, unflushed
UNION ALL SELECT 'wake', webhook_id, delay_ms FROM moved_gates
UNION ALL SELECT 'shut', webhook_id, delay_ms FROM shut`;

export const COMMIT_STEP = parameters.statement('commit_fan_out_step', STEP + STEP_ANSWER);

const givenApart = parameters.rows(({ step }) => step.apart, APART_COLUMNS);

/**
 * A step that also gives some events a batch of their own. It is a statement of its own because it is seldom needed: as part of every step,
 * it would lock the partitions of all events each time.
 */
export const COMMIT_STEP_APART = parameters.statement(
  'commit_fan_out_step_apart',
  `${STEP}, apart AS (
  INSERT INTO outbox (batch_id, event_type, event_ids, bulk)
  SELECT u.batch_id, event_type, ARRAY[u.event_id], true FROM step, (SELECT ${givenApart.columns}) u
), moved AS (
  UPDATE events e SET batch_id = u.batch_id FROM step, (SELECT ${givenApart.columns}) u
  WHERE e.id = u.event_id AND e.id = ANY (${givenApart.arrays.event_id})
)${STEP_ANSWER}`,
);

/** @param nowMs - this machine's time in milliseconds since 1970 */
export function stepInput(step: FanOutStep, nowMs: number): StepInput {
  const { batchId, deliveries, lease, accepted } = step;
  const leased = deliveries.filter(({ fate }) => fate === 'leased').map(({ webhookId }) => webhookId);
  const parcels = packParcels(deliveries, nowMs);
  const leaseOf = leasesOf(lease, parcels);
  return {
    step,
    deliveries: deliveries.map((delivery) => ({ delivery, leaseId: leaseOf(delivery) })),
    leasedWebhooks: [...new Set(leased)],
    parcels,
    counted: countedEvents(batchId, accepted),
  };
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
function countedEvents(batchId: BatchId, counts: readonly AcceptedCount[]): CountedEvents[] {
  const slot = Number.parseInt(batchId.slice(-2), 16) % COUNT_SLOTS;
  return counts.map((count) => ({ count, slot: count.events * RARE_SHARE < counts.length ? 0 : slot }));
}
