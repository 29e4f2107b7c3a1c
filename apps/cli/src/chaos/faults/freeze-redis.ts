import { anyMs, type Fault } from '../fault';
import { RedisUnderTest } from '../queue-under-test';

/** How long Redis hangs, round by round. */
const FROZEN_MS = [3_000, 15_000] as const;

/** Redis does not answer, though its connections stay open. Publishing must not notice. */
export const freezeRedis: Fault = {
  name: 'redis-freeze',
  title: 'Redis hangs, then goes on',
  backends: ['redis'],
  recoveryMsMax: 15_000,
  publishing: 'goes on',
  async strike({ system, blow, pause, recovered, goesOn }) {
    const { queue } = system;
    if (!(queue instanceof RedisUnderTest)) throw new Error('There is no Redis.');
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      await pause(anyMs(500, 1_500));
      queue.freeze();
      await pause(FROZEN_MS[round % FROZEN_MS.length] ?? 0).finally(() => queue.resume());
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await recovered(sinceMs);
    }
  },
};
