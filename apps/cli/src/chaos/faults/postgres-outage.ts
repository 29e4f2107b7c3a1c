import { anyMs, type Fault } from '../fault';

/** Outages, one after the other, in turn: shorter and longer than a lease. */
const OUTAGES = [
  { signal: 'SIGQUIT', ms: 3_000 },
  { signal: 'SIGKILL', ms: 13_000 },
  { signal: 'SIGKILL', ms: 1_000 },
] as const;

/** PostgreSQL is struck down and started again. Publishing is refused meanwhile, and nothing is sent twice. */
export const postgresOutage: Fault = {
  name: 'postgres-down',
  title: 'PostgreSQL stopped hard, then started',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 20_000,
  publishing: 'may be refused',
  async strike({ system, blow, pause, recovered, goesOn }) {
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      await pause(anyMs(500, 1_500));
      const outage = OUTAGES[round % OUTAGES.length] ?? OUTAGES[0];
      await system.postgres.strikeDown(outage.signal);
      await pause(outage.ms);
      await system.postgres.restart();
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await recovered(sinceMs);
    }
  },
};
