import { encodeId, type EventId, idLowerBound } from '@signpost/domain';
import type { ChaosPostgres } from './chaos-postgres';
import { pairName } from './tally';

/** What PostgreSQL holds of one store, and of all of Signpost, after a fault. */
export interface SystemState {
  readonly events: number;
  readonly deliveries: number;
  /** Deliveries beyond one for each event and webhook. */
  readonly doubled: number;
  readonly delivered: number;
  /** Unsettled deliveries that no worker has and that are not waiting to be claimed. */
  readonly unowned: number;
  /** Deliveries that have been due for longer than a sweep takes to find them. */
  readonly overdue: number;
  /** Batches that are not fanned out. */
  readonly batches: number;
  readonly leases: number;
  readonly workers: number;
}

/** The sweep wakes webhooks whose deliveries have been due for 2 s, and runs every 3 s. */
const OVERDUE_MS = 10_000;

const LOOK = `
SELECT (SELECT count(*) FROM events WHERE store_id = st.id)::int AS events,
       (SELECT count(*) FROM deliveries WHERE store_id = st.id)::int AS deliveries,
       (SELECT count(*) - count(DISTINCT (event_id, webhook_id)) FROM deliveries WHERE store_id = st.id)::int AS doubled,
       (SELECT count(*) FROM deliveries WHERE store_id = st.id AND status = 'delivered')::int AS delivered,
       (SELECT count(*) FROM deliveries d WHERE store_id = st.id AND status IN ('queued', 'retrying') AND NOT waiting
          AND NOT EXISTS (SELECT FROM leases l WHERE l.id = d.lease_id))::int AS unowned,
       (SELECT count(*) FROM deliveries WHERE store_id = st.id AND waiting
          AND due_at < now() - $2::float8 * interval '1 millisecond')::int AS overdue,
       (SELECT count(*) FROM outbox)::int AS batches,
       (SELECT count(*) FROM leases)::int AS leases,
       (SELECT count(*) FROM workers)::int AS workers
FROM stores st WHERE st.key = $1`;

/** @throws the driver's error when PostgreSQL is away */
export async function lookAtState(postgres: ChaosPostgres, storeKey: string): Promise<SystemState> {
  const [state] = await postgres.query<{ [Name in keyof SystemState]: number }>(LOOK, [storeKey, OVERDUE_MS]);
  if (state === undefined) throw new Error(`There is no store ${storeKey}.`);
  return state;
}

/** What should be there when everything has settled. */
export interface Expectation {
  readonly events: number;
  readonly webhooks: number;
  readonly workers: number;
}

/** @returns what is not as it must be once everything has settled, in plain sentences; none when all is well */
export function unsettledParts(state: SystemState, { events, webhooks, workers }: Expectation): readonly string[] {
  const owed = events * webhooks;
  return [
    state.events !== events && `PostgreSQL has ${state.events} events, ${events} were accepted.`,
    state.deliveries !== owed && `There are ${state.deliveries} deliveries, ${owed} are owed.`,
    state.doubled > 0 && `${state.doubled} deliveries exist twice.`,
    state.delivered !== owed && `${owed - state.delivered} deliveries are not on record as delivered.`,
    state.unowned > 0 && `${state.unowned} deliveries belong to nobody and wait for nobody.`,
    state.overdue > 0 && `${state.overdue} deliveries are overdue and unclaimed.`,
    state.batches > 0 && `${state.batches} batches are not fanned out.`,
    state.leases > 0 && `${state.leases} leases have not ended.`,
    state.workers !== workers && `${state.workers} workers are on record, ${workers} run.`,
  ].filter((sentence) => sentence !== false);
}

/** A delivery that a worker holds: to be sent, in flight, or sent and not on record. */
export interface HeldDelivery {
  readonly leaseId: string;
  /** As receivers see it. */
  readonly eventId: string;
  /** As the receiver calls it: the last part of its URL. */
  readonly webhook: string;
}

const HELD = `
SELECT l.id AS lease_id, d.event_id, substring(w.url FROM '[^/]*$') AS webhook
FROM leases l CROSS JOIN LATERAL unnest(l.delivery_ids) AS u(id)
JOIN deliveries d ON d.id = u.id AND d.lease_id = l.id AND NOT d.waiting AND d.status IN ('queued', 'retrying')
JOIN webhooks w ON w.id = d.webhook_id
WHERE l.worker_id = ANY ($1::uuid[])`;

/** @returns the deliveries that these workers have leased and not settled */
export async function lookAtHeld(
  postgres: ChaosPostgres,
  workers: readonly string[],
): Promise<readonly HeldDelivery[]> {
  const rows = await postgres.query<{ lease_id: string; event_id: EventId; webhook: string }>(HELD, [workers]);
  return rows.map((row) => ({
    leaseId: row.lease_id,
    eventId: encodeId('event', row.event_id),
    webhook: row.webhook,
  }));
}

const DELIVERED = `
SELECT d.event_id, substring(w.url FROM '[^/]*$') AS webhook
FROM stores st JOIN deliveries d ON d.store_id = st.id JOIN webhooks w ON w.id = d.webhook_id
WHERE st.key = $1 AND d.status = 'delivered'
  AND EXISTS (SELECT FROM attempts a WHERE a.delivery_id = d.id AND a.error_code IS NULL AND a.id < $2)`;

/** @returns the deliveries that are on record as delivered by an attempt that ended before this time, each named by {@link pairName} */
export async function lookAtDelivered(
  postgres: ChaosPostgres,
  storeKey: string,
  before: Date,
): Promise<ReadonlySet<string>> {
  const bounds = [storeKey, idLowerBound(before.getTime())];
  const rows = await postgres.query<{ event_id: EventId; webhook: string }>(DELIVERED, bounds);
  return new Set(rows.map(({ event_id, webhook }) => pairName(webhook, encodeId('event', event_id))));
}

/** The workers that PostgreSQL knows, also those whose lease has lapsed. */
export async function workerIds(postgres: ChaosPostgres): Promise<readonly string[]> {
  return (await postgres.query<{ id: string }>('SELECT id FROM workers')).map(({ id }) => id);
}

/** The workers whose lease stands. */
export async function standingWorkerIds(postgres: ChaosPostgres): Promise<readonly string[]> {
  return (await postgres.query<{ id: string }>('SELECT id FROM workers WHERE leased_until > now()')).map(
    ({ id }) => id,
  );
}
