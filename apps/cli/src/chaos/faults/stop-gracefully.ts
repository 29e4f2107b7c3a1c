import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtHeld, workerIds } from '../look-at-state';

/** Workers and the API are asked to end (SIGTERM) under load, as a deployment does it: a new worker starts before the old one ends. */
export const stopGracefully: Fault = {
  name: 'stop',
  title: 'graceful stop (SIGTERM) of workers and API',
  backends: ['redis', 'postgres'],
  // Less than the 10 s of a lease, because nothing has to wait for a lease to lapse.
  recoveryMsMax: 8_000,
  publishing: 'may break off',
  async strike(scene) {
    const { system, blow, pause, recovered, goesOn } = scene;
    do {
      await pause(anyMs(500, 1_500));
      await stopWorker(scene, () => system.startWorker());
      await pause(anyMs(500, 1_500));
      const stopping = system.api.stop();
      const sinceMs = performance.now();
      await stopping;
      blow({ sinceMs, inFlight: 0 });
      await system.restartApi();
      await recovered(sinceMs);
    } while (goesOn());
  },
};

async function stopWorker(
  { system, blow, recovered, offend }: Scene,
  startNext: () => Promise<unknown>,
): Promise<void> {
  const [worker] = system.workers;
  if (worker === undefined) throw new Error('No worker runs.');
  const ids = await workerIds(system.postgres);
  await startNext();
  const sinceMs = performance.now();
  await worker.stop();
  blow({ sinceMs, inFlight: 0 });
  const left = (await workerIds(system.postgres)).filter((id) => ids.includes(id));
  const { length } = await lookAtHeld(system.postgres, left);
  if (length > 0) offend(`A worker that was stopped left ${length} deliveries leased.`);
  if (left.length > 0) offend('A worker that was stopped is still on record.');
  await recovered(sinceMs);
}
