import { anyMs, type Fault, type Scene } from '../fault';
import { lookAtDelivered } from '../look-at-state';

interface Outage {
  readonly signal: 'SIGQUIT' | 'SIGKILL';
  readonly ms: number;
}

/** The outages, round by round: shorter and longer than a lease. */
const OUTAGES: readonly [Outage, ...Outage[]] = [
  { signal: 'SIGQUIT', ms: 3_000 },
  { signal: 'SIGKILL', ms: 13_000 },
  { signal: 'SIGKILL', ms: 1_000 },
];

/** PostgreSQL is ended hard and started again. Publishing is refused meanwhile. */
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
 * Ends PostgreSQL hard and starts it again. A delivery may have to be sent twice when the receiver had taken it by the time PostgreSQL was
 * back, and PostgreSQL did not know of that. Fan-outs and claims do not wait for the disk, so that some may be lost and made again.
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
  // Only attempts from before the restart count: by now some deliveries may have been sent again already.
  const delivered = await lookAtDelivered(system.postgres, storeKey, awayUntil);
  blow({ sinceMs, inFlight: taken.filter((pair) => !delivered.has(pair)).length });
  return sinceMs;
}
