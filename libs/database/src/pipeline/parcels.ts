import type { AttemptTrigger, LeasedDelivery, NewDelivery, NewLease, StoredEvent } from '@signpost/delivery';
import { type DeliveryId, type EventId, type LeaseId, mintId, type StoreId, type WebhookId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { epochMs } from '../sql/time-sql';
import { type EventColumns, storedEvent } from './event-row';
import type { RecentEvents } from './recent-events';

/**
 * A parcel is a lease that no worker has taken yet. It holds deliveries of one webhook for which one fan-out found no room in the lane. A
 * claim takes the whole parcel by an update of one row. To claim a delivery that waits alone costs a new version of its own row, with an
 * entry in each index. A delivery in a parcel is stored as leased from the beginning: its row is updated only once, when it is settled.
 */
export interface Parcel {
  readonly leaseId: LeaseId;
  readonly webhookId: WebhookId;
  readonly deliveries: NewDelivery[];
}

/** How many deliveries a parcel holds at least. Fewer than that are not packed: each waits alone. */
export const PARCEL_MIN = 10;
/** How many deliveries a parcel holds at most: few enough for the room in a lane that shares its worker with many other lanes. */
export const PARCEL_MAX = 50;

/** A claim takes no further parcel once the payloads of those that it takes have this many UTF-16 code units. */
const CLAIM_UNITS_MAX = 1024 * 1024;

/** Packs the deliveries that found no room in their lanes into parcels, in the given order. @param nowMs - milliseconds since 1970 */
export function packParcels(deliveries: readonly NewDelivery[], nowMs: number): Parcel[] {
  const open = new Map<WebhookId, Parcel>();
  const parcels: Parcel[] = [];
  for (const delivery of deliveries) {
    if (delivery.fate !== 'overflow') continue;
    const { webhookId } = delivery;
    let parcel = open.get(webhookId);
    if (parcel === undefined || parcel.deliveries.length >= PARCEL_MAX) {
      parcel = { leaseId: mintId('lease', nowMs), webhookId, deliveries: [] };
      open.set(webhookId, parcel);
      parcels.push(parcel);
    }
    parcel.deliveries.push(delivery);
  }
  return parcels.filter(({ deliveries: { length } }) => length >= PARCEL_MIN);
}

/** The length of all payloads of a parcel together, in UTF-16 code units. */
export function payloadUnitsOf({ deliveries }: Parcel): number {
  return deliveries.reduce((sum, { payloadUnits }) => sum + payloadUnits, 0);
}

/** Whether a parcel is at least as old as every delivery of its webhook that waits alone: the oldest go first. */
const IS_OLDER = `due_at <= coalesce((SELECT due_at FROM deliveries WHERE webhook_id = $1 AND waiting ORDER BY due_at LIMIT 1), 'infinity')`;

/** Takes as many parcels as there is room for. A delivery that somebody retried by hand meanwhile is no longer part of its parcel. */
const TAKE_PARCELS: Statement = {
  name: 'take_parcels',
  text: `
WITH oldest AS MATERIALIZED (
  SELECT id, due_at, cardinality(delivery_ids) AS size, payload_units FROM leases
  WHERE webhook_id = $1 AND worker_id IS NULL AND ${IS_OLDER}
  ORDER BY due_at, id LIMIT $2::int / ${PARCEL_MIN} + 1 FOR UPDATE
), summed AS (
  SELECT id, sum(size) OVER upto AS deliveries, sum(payload_units) OVER upto - payload_units AS units_before
  FROM oldest WINDOW upto AS (ORDER BY due_at, id)
), taken AS (
  UPDATE leases SET worker_id = $4::uuid, taken_as = $3
  WHERE id = ANY (ARRAY(SELECT id FROM summed WHERE deliveries <= $2 AND units_before < $5)) RETURNING id, delivery_ids
)
SELECT d.id, d.lease_id, d.event_id, d.store_id, d.event_type, d.attempts_made, d.trigger, ${epochMs('d.due_at')} AS due_at_ms
FROM deliveries d JOIN taken t ON t.id = d.lease_id WHERE d.id = ANY (ARRAY(SELECT unnest(delivery_ids) FROM taken))
ORDER BY d.due_at, d.id`,
};

const READ_EVENTS: Statement = {
  name: 'read_events',
  text: `
SELECT id AS event_id, store_id, type, ${epochMs('occurred_at')} AS occurred_at_ms, data FROM events WHERE id = ANY ($1::uuid[])`,
};

const UNPACK: Statement = {
  name: 'unpack_parcels',
  text: `
WITH parcel AS MATERIALIZED (
  SELECT id FROM leases WHERE webhook_id = $1 AND worker_id IS NULL AND ($3 = 'any' OR ${IS_OLDER})
  ORDER BY due_at, id LIMIT $2 FOR UPDATE
), unpacked AS (
  DELETE FROM leases WHERE id = ANY (ARRAY(SELECT id FROM parcel)) RETURNING id, delivery_ids
), alone AS (
  UPDATE deliveries d SET waiting = true, lease_id = NULL
  FROM (SELECT id AS lease_id, unnest(delivery_ids) AS id FROM unpacked) u
  WHERE d.id = ANY (ARRAY(SELECT unnest(delivery_ids) FROM unpacked)) AND d.id = u.id AND d.lease_id = u.lease_id
)
SELECT count(*)::int AS unpacked FROM unpacked`,
};

interface TakenRow {
  id: DeliveryId;
  lease_id: LeaseId;
  event_id: EventId;
  store_id: StoreId;
  event_type: string;
  attempts_made: number;
  trigger: AttemptTrigger;
  due_at_ms: number;
}

/**
 * Takes parcels of a webhook for a worker, oldest first. To be called under the lock of the webhook's gate.
 *
 * @param recent - events that need not be read again; every event that has to be read is added to them
 * @param limit - how many deliveries the parcels may hold together
 * @returns no deliveries when the oldest parcel exceeds the limit, or when a delivery that waits alone is older
 */
export async function takeParcels(
  runner: SqlRunner,
  recent: RecentEvents,
  webhookId: WebhookId,
  { leaseId, workerId }: NewLease,
  limit: number,
): Promise<LeasedDelivery[]> {
  const rows = await runner.run<TakenRow>(TAKE_PARCELS, [webhookId, limit, leaseId, workerId, CLAIM_UNITS_MAX]);
  const events = new Map<EventId, StoredEvent | undefined>(rows.map((row) => [row.event_id, recent.get(row.event_id)]));
  const missing = [...events].flatMap(([id, event]) => (event === undefined ? [id] : []));
  for (const row of missing.length === 0 ? [] : await runner.run<EventColumns>(READ_EVENTS, [missing])) {
    const event = storedEvent(row);
    events.set(event.id, event);
    recent.add(event);
  }
  return rows.map((row) => ({
    id: row.id,
    leaseId: row.lease_id,
    storeId: row.store_id,
    webhookId,
    event: events.get(row.event_id) ?? goneEvent(row),
    attemptsMade: row.attempts_made,
    trigger: row.trigger,
    probe: false,
  }));
}

/** Stands for an event that is gone. Its delivery is handed out all the same, and then fails as `payload_expired`. */
function goneEvent(row: TakenRow): StoredEvent {
  return storedEvent({ ...row, type: row.event_type, occurred_at_ms: row.due_at_ms, data: null });
}

/**
 * Unpacks a webhook's oldest parcels: each of their deliveries then waits alone. To be called under the lock of the webhook's gate.
 *
 * @param which - any parcel, or only those that are at least as old as every delivery that waits alone already
 * @param parcelsMax - how many of them at most
 * @returns how many were unpacked
 */
export async function unpackParcels(
  runner: SqlRunner,
  webhookId: WebhookId,
  which: 'any' | 'older',
  parcelsMax: number,
): Promise<number> {
  const [row] = await runner.run<{ unpacked: number }>(UNPACK, [webhookId, parcelsMax, which]);
  return row?.unpacked ?? 0;
}
