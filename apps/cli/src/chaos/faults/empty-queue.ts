import { anyMs, type Fault } from '../fault';

/** The queue forgets everything while it is in use: jobs, delayed wakes, the sweep's schedule. */
export const emptyQueue: Fault = {
  name: 'flush',
  title: 'queue emptied (FLUSHALL; TRUNCATE)',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'goes on',
  async strike({ system, blow, pause, recovered, goesOn }) {
    do {
      await pause(anyMs(1_000, 3_000));
      await system.queue.empty();
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await recovered(sinceMs);
    } while (goesOn());
  },
};
