import { setTimeout as sleep } from 'node:timers/promises';

const REST_MS = 50;

/** Repeats `work` until it fulfils, as workers retry; the time limit of the test is the only limit. */
export async function eventually(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(REST_MS);
    }
  }
}
