import { anyMs, type Fault } from '../fault';

/** The API dies at any moment; publishers get no answer and ask again. */
export const killApi: Fault = {
  name: 'api-kill',
  title: 'API killed (kill -9) at random',
  backends: ['redis', 'postgres'],
  recoveryMsMax: 15_000,
  publishing: 'may break off',
  async strike({ system, blow, pause, recovered, goesOn }) {
    do {
      await pause(anyMs(500, 1_500));
      await system.api.kill9();
      const sinceMs = performance.now();
      blow({ sinceMs, inFlight: 0 });
      await system.restartApi();
      await recovered(sinceMs);
    } while (goesOn());
  },
};
