import type { LeaseId, WorkerId } from '@signpost/domain';
import type { LeaseLedger } from '@signpost/delivery';
import type { SqlClient, Statement } from '../sql/sql-client';
import { freeLeases, type LeasedRow } from './free-leases';

const NOW_MS = `(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`;

/** A heartbeat that hangs must not keep its connection from those that follow. */
const ANSWER_MS_MAX = 4_000;

const REGISTER: Statement = {
  name: 'register_worker',
  answerMsMax: ANSWER_MS_MAX,
  text: `INSERT INTO workers (id, leased_until) VALUES ($1, now() + $2::float8 * interval '1 millisecond') RETURNING ${NOW_MS}`,
};

/**
 * A worker whose heartbeat is late, but comes before the sweep has deleted its row, still owns its deliveries: no other worker was given
 * them.
 */
const HEARTBEAT: Statement = {
  name: 'heartbeat',
  answerMsMax: ANSWER_MS_MAX,
  text: `
WITH moved AS (
  UPDATE workers SET leased_until = now() + $2::float8 * interval '1 millisecond' WHERE id = $1 RETURNING id
)
SELECT EXISTS (SELECT FROM moved) AS standing, ${NOW_MS}`,
};

/** A lease that was taken as a parcel counts as old as the claim that took it. */
const FORGOTTEN_LEASES: Statement = {
  name: 'forgotten_leases',
  text: `
SELECT id AS lease_id, unnest(delivery_ids) AS id FROM leases
WHERE worker_id = $1 AND coalesce(taken_as, id) < $2 AND NOT id = ANY ($3::uuid[]) AND NOT coalesce(taken_as, id) = ANY ($3::uuid[])`,
};

/** Under this lock no lease of the worker can be made; leases made before it are seen by the next statement. */
const LOCK_WORKER: Statement = { name: 'lock_worker', text: `SELECT FROM workers WHERE id = $1 FOR UPDATE` };

const RETIRE: Statement = {
  name: 'retire_worker',
  text: `DELETE FROM workers w WHERE w.id = $1 AND NOT EXISTS (SELECT FROM leases l WHERE l.worker_id = w.id)`,
};

/** The leases of workers. A heartbeat updates the one row of its worker, however many deliveries that has. */
export class PgLeaseLedger implements LeaseLedger {
  constructor(private readonly sql: SqlClient) {}

  async register(workerId: WorkerId, leaseMs: number): Promise<{ nowMs: number }> {
    const [row] = await this.sql.run<{ now_ms: number }>(REGISTER, [workerId, leaseMs]);
    return { nowMs: row?.now_ms ?? Date.now() };
  }

  async heartbeat(workerId: WorkerId, leaseMs: number): Promise<{ standing: boolean; nowMs: number }> {
    const [row] = await this.sql.run<{ standing: boolean; now_ms: number }>(HEARTBEAT, [workerId, leaseMs]);
    return { standing: row?.standing ?? false, nowMs: row?.now_ms ?? Date.now() };
  }

  freeForgotten(workerId: WorkerId, known: readonly LeaseId[], madeBefore: LeaseId): Promise<number> {
    return this.sql.transaction(async (runner) =>
      freeLeases(runner, await runner.run<LeasedRow>(FORGOTTEN_LEASES, [workerId, madeBefore, known])),
    );
  }

  retire(workerId: WorkerId): Promise<void> {
    return this.sql.transaction(async (runner) => {
      await runner.run(LOCK_WORKER, [workerId]);
      await runner.run(RETIRE, [workerId]);
    });
  }
}
