import { setTimeout as sleep } from 'node:timers/promises';

const REST_MS = 50;

/** Asks again and again until `work` fulfils, as a worker does; the test's own time is the limit. */
export async function eventually(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(REST_MS);
    }
  }
}
