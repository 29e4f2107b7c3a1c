import type { DeliveryId, LeaseId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { moveGates } from './gate-sql';

/** Locks gates before deliveries, in the order of their ids, as claims and records do. */
const LOCK_GATES_OF: Statement = {
  name: 'lock_gates_of_deliveries',
  text: `
SELECT FROM gates WHERE webhook_id = ANY (ARRAY(SELECT webhook_id FROM deliveries WHERE id = ANY ($1::uuid[]))) ORDER BY webhook_id FOR UPDATE`,
};

/** When a probe is lost or given back, the next one need not wait for its time to be up. */
const FORGET_PROBES: Statement = {
  name: 'forget_probes',
  text: `
UPDATE gates g SET open_until = now(), probe_id = NULL
FROM deliveries d, unnest($1::uuid[], $2::uuid[]) AS l(id, lease_id)
WHERE d.id = ANY ($1::uuid[]) AND d.id = l.id AND d.lease_id = l.lease_id AND g.webhook_id = d.webhook_id AND g.probe_id = d.id
  AND g.webhook_id = ANY (ARRAY(SELECT webhook_id FROM deliveries WHERE id = ANY ($1::uuid[]))) AND g.open_until > now()`,
};

/** Cancels tests instead of making them due: the person who asked for a test does not wait that long. */
const FREE_DELIVERIES: Statement = {
  name: 'free_deliveries',
  text: `
WITH freed AS (
  UPDATE deliveries d
  SET waiting = d.trigger <> 'test', lease_id = NULL,
      status = CASE WHEN d.trigger = 'test' THEN 'canceled' ELSE d.status END
  FROM unnest($1::uuid[], $2::uuid[]) AS l(id, lease_id)
  WHERE d.id = ANY ($1::uuid[]) AND d.id = l.id AND d.lease_id = l.lease_id AND NOT d.waiting AND d.status IN ('queued', 'retrying')
  RETURNING d.webhook_id, d.waiting
), due AS (
  SELECT DISTINCT webhook_id FROM freed WHERE waiting
), ${moveGates({
    webhookIds: 'ARRAY(SELECT webhook_id FROM due)',
    delaysMs: 'ARRAY(SELECT 0::float8 FROM due)',
    onlyIf: 'true',
  })}
SELECT count(*)::int AS freed FROM freed`,
};

/** The last statement, as in records: locking leases before deliveries could deadlock with a record of the same lease. */
const END_LEASES: Statement = { name: 'end_leases', text: `DELETE FROM leases WHERE id = ANY ($1::uuid[])` };

/** A delivery and the lease that holds it. */
export interface LeasedRow {
  id: DeliveryId;
  lease_id: LeaseId;
}

/**
 * Ends leases, makes their deliveries due again, and moves their webhooks' gates to now. Deliveries that have been settled meanwhile, or
 * have another lease by now, stay as they are.
 *
 * @returns how many became due
 */
export async function freeLeases(runner: SqlRunner, lost: readonly LeasedRow[]): Promise<number> {
  if (lost.length === 0) return 0;
  const ids = lost.map(({ id }) => id);
  const leaseIds = lost.map(({ lease_id }) => lease_id);
  await forgetProbes(runner, ids, leaseIds);
  const [row] = await runner.run<{ freed: number }>(FREE_DELIVERIES, [ids, leaseIds]);
  await runner.run(END_LEASES, [[...new Set(leaseIds)]]);
  return row?.freed ?? 0;
}

/**
 * If one of these deliveries is the probe of an open breaker, lets the breaker take its next probe at once. To be called only when nobody
 * sends the deliveries under these leases any more. Keeps the gates of all their webhooks locked until the transaction ends.
 */
export async function forgetProbes(
  runner: SqlRunner,
  ids: readonly DeliveryId[],
  leaseIds: readonly LeaseId[],
): Promise<void> {
  await runner.run(LOCK_GATES_OF, [ids]);
  await runner.run(FORGET_PROBES, [ids, leaseIds]);
}
