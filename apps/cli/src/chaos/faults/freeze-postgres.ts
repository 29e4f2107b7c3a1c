import { anyMs, type Fault } from '../fault';
import { lookAtHeld, workerIds } from '../look-at-state';

/** How long PostgreSQL hangs, round by round: shorter and longer than a lease. */
const FROZEN_MS = [4_000, 15_000] as const;

/** PostgreSQL does not answer, though its connections stay open: as when its disk, its machine or the network hangs. */
export const freezePostgres: Fault = {
  name: 'postgres-freeze',
  title: 'PostgreSQL hangs, then goes on',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 20_000,
  publishing: 'may be refused',
  async strike({ system, blow, pause, recovered, goesOn }) {
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      await pause(anyMs(500, 1_500));
      const held = await lookAtHeld(system.postgres, await workerIds(system.postgres));
      await system.postgres.freeze();
      await pause(FROZEN_MS[round % FROZEN_MS.length] ?? 0).finally(() => system.postgres.resume());
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: held.length });
      await recovered(sinceMs);
    }
  },
};
