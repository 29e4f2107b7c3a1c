import { anyMs, type Fault } from '../fault';

/** Outages, one after the other, in turn. */
const OUTAGES_MS = [3_000, 8_000] as const;

/** No receiver can be reached for a while; what was in flight is broken off. */
export const networkOutage: Fault = {
  name: 'network',
  title: 'network to receivers gone for a while',
  backends: ['redis', 'postgres'],
  // The breaker looks again after 5 s, 10 s, …: as long as the outage has lasted, at most.
  recoveryMsMax: 30_000,
  publishing: 'goes on',
  async strike({ receiver, blow, pause, recovered, goesOn }) {
    for (let round = 0; round === 0 || goesOn(); round += 1) {
      await pause(anyMs(500, 1_500));
      const inFlight = await receiver.cut();
      await pause(OUTAGES_MS[round % OUTAGES_MS.length] ?? 0);
      await receiver.mend();
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight });
      await recovered(sinceMs);
    }
  },
};
