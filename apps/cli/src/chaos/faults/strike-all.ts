import { anyMs, type Fault, type Scene } from '../fault';
import { RedisUnderTest } from '../queue-under-test';
import { killWorkerOnce } from './kill-worker';
import { strikePostgresOnce } from './postgres-outage';

type Strike = (scene: Scene, seen: Set<string>) => Promise<unknown>;

const STRIKES: readonly Strike[] = [
  killWorkerOnce,
  async ({ system }) => {
    await system.api.kill9();
    await system.restartApi();
  },
  ({ system }) => system.queue.empty(),
  async ({ system: { queue }, pause }) => {
    if (!(queue instanceof RedisUnderTest)) return;
    await queue.strikeDown();
    await pause(anyMs(0, 3_000));
    await queue.restart();
  },
  (scene) => strikePostgresOnce(scene, { signal: Math.random() < 0.5 ? 'SIGKILL' : 'SIGQUIT', ms: anyMs(0, 3_000) }),
  async ({ receiver, pause, blow }) => {
    const inFlight = await receiver.cut();
    await pause(anyMs(0, 2_000));
    await receiver.mend();
    blow({ sinceMs: performance.now(), inFlight });
  },
];

/**
 * One strike after the other, each before the system has recovered from the one before. Each round makes every strike of the list once, in
 * random order.
 */
export const strikeAll: Fault = {
  name: 'all',
  title: 'all of these, one upon the other',
  backends: ['redis', 'postgres'],
  // The breaker may have opened more than once.
  recoveryMsMax: 45_000,
  publishing: 'may break off or be refused',
  async strike(scene) {
    const seen = new Set<string>();
    do {
      for (const strike of inAnyOrder(STRIKES)) {
        await scene.pause(anyMs(0, 2_000));
        await strike(scene, seen);
      }
      const sinceMs = performance.now();
      scene.blow({ sinceMs, inFlight: 0 });
      await scene.recovered(sinceMs);
    } while (scene.goesOn());
  },
};

function inAnyOrder<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
