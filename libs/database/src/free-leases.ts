import type { DeliveryId, LeaseId } from '@signpost/domain';
import { moveGates } from './gate-sql';
import type { SqlRunner, Statement } from './sql-client';

/** Gates before deliveries, in the order of their ids: as claims and records lock them. */
const LOCK_GATES_OF: Statement = {
  name: 'lock_gates_of_deliveries',
  text: `
SELECT FROM gates WHERE webhook_id IN (SELECT webhook_id FROM deliveries WHERE id = ANY ($1::uuid[])) ORDER BY webhook_id FOR UPDATE`,
};

/** Tests are not sent again: the person who asked has gone. */
const FREE_DELIVERIES: Statement = {
  name: 'free_deliveries',
  text: `
WITH freed AS (
  UPDATE deliveries d
  SET waiting = d.trigger <> 'test', lease_id = NULL,
      status = CASE WHEN d.trigger = 'test' THEN 'canceled' ELSE d.status END
  WHERE d.id = ANY ($1::uuid[]) AND d.lease_id = ANY ($2::uuid[]) AND NOT d.waiting AND d.status IN ('queued', 'retrying')
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

/** A delivery and the lease that held it. */
export interface LeasedRow {
  id: DeliveryId;
  lease_id: LeaseId;
}

/**
 * Makes deliveries due again whose lease has ended without them, and moves their webhooks' gates to now. Those that were settled,
 * or are held by another lease by now, stay as they are.
 *
 * @returns how many became due
 */
export async function freeLeases(runner: SqlRunner, lost: readonly LeasedRow[]): Promise<number> {
  if (lost.length === 0) return 0;
  const ids = lost.map(({ id }) => id);
  await runner.run(LOCK_GATES_OF, [ids]);
  const [row] = await runner.run<{ freed: number }>(FREE_DELIVERIES, [
    ids,
    [...new Set(lost.map(({ lease_id }) => lease_id))],
  ]);
  return row?.freed ?? 0;
}
