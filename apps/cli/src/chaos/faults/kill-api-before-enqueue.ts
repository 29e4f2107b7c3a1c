import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtState } from '../look-at-state';

/** So many answers with 202, of several commits, must have been given while no job could be added. */
const ACCEPTED_MIN = 20;
const WAIT_MS_MAX = 3_000;
const POLL_MS = 5;
/** Long enough for everybody to notice that a process has gone. */
const DEATH_MS = 400;
/** Longer than a job takes to be worked, and shorter than the sweep waits for one. */
const JOBLESS_MS = 700;

/** The API dies when it has committed events and answered, and not yet added their jobs: the queue is held until it is dead. */
export const killApiBeforeEnqueue: Fault = {
  name: 'api-kill-before-enqueue',
  title: 'API killed between commit and enqueue',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'may break off',
  async strike(scene) {
    const { system, blow, pause, recovered, goesOn } = scene;
    do {
      await pause(anyMs(500, 1_500));
      const letGo = await system.queue.hold();
      try {
        await accepted(scene);
        await system.api.kill9();
        await pause(DEATH_MS);
      } finally {
        await letGo();
      }
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await expectJobless(scene);
      await system.restartApi();
      await recovered(sinceMs);
    } while (goesOn());
  },
};

async function accepted({ tally, pause }: Scene): Promise<void> {
  const wanted = tally.acceptedCount + ACCEPTED_MIN;
  const lastMs = performance.now() + WAIT_MS_MAX;
  while (tally.acceptedCount < wanted && performance.now() < lastMs) await pause(POLL_MS);
  if (tally.acceptedCount < wanted) throw new Error('Publishing waits for the queue: it was not answered with 202.');
}

/** The batches must be without jobs, or the fault did not strike where it was meant to. */
async function expectJobless({ system, storeKey, pause }: Scene): Promise<void> {
  await pause(JOBLESS_MS);
  const { batches } = await lookAtState(system.postgres, storeKey);
  if (batches === 0) throw new Error('The jobs were added: the API did not die between commit and enqueue.');
}
