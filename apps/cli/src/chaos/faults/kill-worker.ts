import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtHeld, workerIds } from '../look-at-state';

/** Long enough for PostgreSQL to finish the statements that the dead process had sent. */
const LAST_STATEMENTS_MS = 100;

/** A worker dies at any moment, and another one is started at once. In every second round that one dies as well, while it recovers. */
export const killWorker: Fault = {
  name: 'worker-kill',
  title: 'worker killed (kill -9), again and again',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'goes on',
  async strike(scene) {
    const seen = new Set<string>();
    for (let round = 0; round === 0 || scene.goesOn(); round += 1) {
      await scene.pause(anyMs(300, 1_300));
      let sinceMs = await killWorkerOnce(scene, seen);
      if (round % 2 === 0) {
        await scene.pause(anyMs(0, 4_000));
        sinceMs = await killWorkerOnce(scene, seen);
      }
      await scene.recovered(sinceMs);
    }
  },
};

/**
 * Kills the worker. A delivery may have to be sent twice when the receiver has got it from this worker and PostgreSQL does not know of it.
 *
 * @param seen - leases whose deliveries were counted when an earlier worker died
 * @returns the worker's last sign of life
 */
export async function killWorkerOnce({ system, tally, blow }: Scene, seen: Set<string>): Promise<number> {
  const [worker] = system.workers;
  if (worker === undefined) throw new Error('No worker runs.');
  await worker.kill9();
  const sinceMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, LAST_STATEMENTS_MS));
  const held = (await lookAtHeld(system.postgres, await workerIds(system.postgres))).filter(
    ({ leaseId }) => !seen.has(leaseId),
  );
  for (const { leaseId } of held) seen.add(leaseId);
  const inFlight = held.filter(({ webhook, eventId }) => tally.timesReceived(webhook, eventId) > 0).length;
  blow({ sinceMs, inFlight });
  await system.startWorker();
  return sinceMs;
}
