import { ISOLATION } from './isolation-suite';
import { loadSuite } from './load-suite';
import { LOG } from './log-suite';
import { MILLION } from './million-suite';
import { LOAD_SCENARIOS } from './scenario';
import type { Suite } from './suite';

/** The suite that runs when none is named; the documentation shows it as `npm run bench`. */
export const STANDARD_SUITE: Suite = loadSuite('standard', '100 events/s, and full load', LOAD_SCENARIOS.standard);

/** Everything that can be measured. */
export const SUITES: readonly Suite[] = [
  STANDARD_SUITE,
  loadSuite('throughput', 'full load with one and ten webhooks, 1 KB and 20 KB', LOAD_SCENARIOS.throughput),
  loadSuite('latency', 'latency at 1, 100 and 1,000 events/s', LOAD_SCENARIOS.latency),
  loadSuite('tenants', '10,000 stores with a webhook each', LOAD_SCENARIOS.tenants),
  {
    ...loadSuite('failing', 'full load, and with as many webhooks beside that fail', LOAD_SCENARIOS.failing),
    expectedLog: /circuit breaker of a webhook opened/,
  },
  ISOLATION,
  MILLION,
  LOG,
];
