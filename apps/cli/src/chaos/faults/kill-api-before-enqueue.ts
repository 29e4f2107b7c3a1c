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
/** On a busy machine somebody may notice the death too late, and the job is added all the same. */
const TRIES_MAX = 5;

/** The API dies when it has committed events and answered, and not yet added their jobs: the queue is held until it is dead. */
export const killApiBeforeEnqueue: Fault = {
  name: 'api-kill-before-enqueue',
  title: 'API killed between commit and enqueue',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'may break off',
  async strike(scene) {
    let hits = 0;
    for (let tries = 0; scene.goesOn() || (hits === 0 && tries < TRIES_MAX); tries += 1) {
      if (await killBeforeEnqueue(scene)) hits += 1;
    }
    if (hits === 0) scene.offend('The jobs were always added: the API never died between commit and enqueue.');
  },
};

/** @returns whether batches were left without jobs, so that it struck where it was meant to */
async function killBeforeEnqueue(scene: Scene): Promise<boolean> {
  const { system, blow, pause, recovered } = scene;
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
  const isHit = await leftJobless(scene);
  await system.restartApi();
  await recovered(sinceMs);
  return isHit;
}

async function accepted({ tally, pause }: Scene): Promise<void> {
  const wanted = tally.acceptedCount + ACCEPTED_MIN;
  const lastMs = performance.now() + WAIT_MS_MAX;
  while (tally.acceptedCount < wanted && performance.now() < lastMs) await pause(POLL_MS);
  if (tally.acceptedCount < wanted) throw new Error('Publishing waits for the queue: it was not answered with 202.');
}

async function leftJobless({ system, storeKey, pause }: Scene): Promise<boolean> {
  await pause(JOBLESS_MS);
  const { batches } = await lookAtState(system.postgres, storeKey);
  return batches > 0;
}
