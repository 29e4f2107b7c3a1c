import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtDelivered } from '../look-at-state';

interface Outage {
  readonly signal: 'SIGQUIT' | 'SIGKILL';
  readonly ms: number;
}

/** One after the other, in turn: shorter and longer than a lease. */
const OUTAGES: readonly [Outage, ...Outage[]] = [
  { signal: 'SIGQUIT', ms: 3_000 },
  { signal: 'SIGKILL', ms: 13_000 },
  { signal: 'SIGKILL', ms: 1_000 },
];

/** PostgreSQL is struck down and started again. Publishing is refused meanwhile. */
export const postgresOutage: Fault = {
  name: 'postgres-down',
  title: 'PostgreSQL stopped hard, then started',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 20_000,
  publishing: 'may be refused',
  async strike(scene) {
    for (let round = 0; round === 0 || scene.goesOn(); round += 1) {
      await scene.pause(anyMs(500, 1_500));
      const sinceMs = await strikePostgresOnce(scene, OUTAGES[round % OUTAGES.length] ?? OUTAGES[0]);
      await scene.recovered(sinceMs);
    }
  },
};

/**
 * What may have to be sent twice is what the receiver had taken when PostgreSQL was back, and PostgreSQL did not know of: fan-outs and
 * claims do not wait for the disk, and those that were lost are made again.
 *
 * @returns when PostgreSQL was back
 */
export async function strikePostgresOnce(scene: Scene, { signal, ms }: Outage): Promise<number> {
  const { system, tally, storeKey, blow, pause } = scene;
  await system.postgres.strikeDown(signal);
  await pause(ms);
  const awayUntil = new Date();
  await system.postgres.restart();
  const sinceMs = performance.now();
  const taken = tally.taken();
  // By now some of it may have been sent again already.
  const delivered = await lookAtDelivered(system.postgres, storeKey, awayUntil);
  blow({ sinceMs, inFlight: taken.filter((pair) => !delivered.has(pair)).length });
  return sinceMs;
}
