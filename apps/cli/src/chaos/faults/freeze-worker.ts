import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtHeld, standingWorkerIds, workerIds } from '../look-at-state';
import type { SignpostProcess } from '../../services/signpost-process';

/** Longer than a lease, and longer than other workers need to take over. */
const FROZEN_MS = 15_000;
/** Long enough to see what the worker does after it was continued. */
const AWAKE_MS = 3_000;
const TRIES_MAX = 60;
const TRY_MS = 20;

/** One of two workers is frozen until its leases have lapsed, if possible in the middle of a transaction, and then continued. */
export const freezeWorker: Fault = {
  name: 'worker-freeze',
  title: 'one of two workers frozen, then continued',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'goes on',
  async strike(scene) {
    const { system, blow, pause, goesOn } = scene;
    await system.startWorker();
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      const workers = system.workers;
      const worker = workers[round % workers.length];
      if (worker === undefined) throw new Error('No worker runs.');
      await pause(anyMs(500, 1_500));
      await freezeInTransaction(worker, scene);
      const sinceMs = performance.now();
      const heldBy = await heldByEach(scene);
      await pause(FROZEN_MS);
      for (const id of await standingWorkerIds(system.postgres)) heldBy.delete(id);
      blow({ sinceMs, inFlight: [...heldBy.values()].reduce((sum, count) => sum + count, 0) });
      worker.resume();
      await pause(AWAKE_MS);
    }
  },
};

async function heldByEach({ system: { postgres } }: Scene): Promise<Map<string, number>> {
  const heldBy = new Map<string, number>();
  for (const id of await workerIds(postgres)) heldBy.set(id, (await lookAtHeld(postgres, [id])).length);
  return heldBy;
}

/** Freezes a worker, and tries again until a transaction of a worker is open: such a transaction holds locks that others wait for. */
async function freezeInTransaction(worker: SignpostProcess, { system, pause }: Scene): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    worker.freeze();
    await pause(TRY_MS);
    if (attempt === TRIES_MAX || (await openTransactions(system)) > 0) return;
    worker.resume();
    await pause(anyMs(0, TRY_MS));
  }
}

async function openTransactions({ postgres }: Scene['system']): Promise<number> {
  const [row] = await postgres.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM pg_stat_activity WHERE application_name = 'signpost-worker'
     AND state = 'idle in transaction' AND state_change < clock_timestamp() - interval '15 milliseconds'`,
  );
  return row?.open ?? 0;
}
