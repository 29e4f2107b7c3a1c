import { anyMs, type Fault } from '../fault';
import { RedisUnderTest } from '../queue-under-test';

/** How long the outages last, round by round. */
const OUTAGES_MS = [3_000, 12_000] as const;

/** Redis is killed, is away for a while, and comes back empty. Publishing must not notice. */
export const redisOutage: Fault = {
  name: 'redis-down',
  title: 'Redis away, then back empty',
  backends: ['redis'],
  recoveryMsMax: 15_000,
  publishing: 'goes on',
  async strike({ system, blow, pause, recovered, goesOn }) {
    const { queue } = system;
    if (!(queue instanceof RedisUnderTest)) throw new Error('There is no Redis.');
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      await pause(anyMs(500, 1_500));
      await queue.strikeDown();
      await pause(OUTAGES_MS[round % OUTAGES_MS.length] ?? 0);
      await queue.restart();
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await recovered(sinceMs);
    }
  },
};
