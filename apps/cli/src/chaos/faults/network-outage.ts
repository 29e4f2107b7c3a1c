import { anyMs, type Fault } from '../fault';

/** How long the outages last, round by round. */
const OUTAGES_MS = [3_000, 8_000] as const;

/** No receiver can be reached for a while, and requests in flight are broken off. */
export const networkOutage: Fault = {
  name: 'network',
  title: 'network to receivers gone for a while',
  backends: ['redis', 'postgres'],
  // The breaker sends its probes after 5 s, 10 s, …: recovery takes at most as long again as the outage lasted.
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
