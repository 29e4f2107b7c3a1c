import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtState } from '../look-at-state';

/** This many answers with 202, from several commits, must have been given while no job could be added. */
const ACCEPTED_MIN = 20;
const WAIT_MS_MAX = 3_000;
const POLL_MS = 5;
/** Long enough for everybody to notice that a process has gone. */
const DEATH_MS = 400;
/** Longer than a job takes to be done, and shorter than the time after which the sweep adds a missing job. */
const JOBLESS_MS = 700;
/** On a busy machine Redis or PostgreSQL may notice the death too late, so that the job is added all the same. */
const TRIES_MAX = 5;

/** The API dies after it has committed events and answered, but before it has added their jobs: the queue is held until the API is dead. */
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

/** @returns whether batches were left without jobs, which means that the API died at the intended moment */
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
