import type { Pace } from './load-process';

/** What is published, to how many, and how fast. */
export interface LoadScenario {
  readonly name: string;
  /** As the report calls it. */
  readonly title: string;
  readonly stores: number;
  /** Webhooks whose endpoint answers. */
  readonly webhooksPerStore: number;
  /** Further webhooks, whose endpoint answers 500 to everything. */
  readonly failingPerStore: number;
  /** The size of each event's data. */
  readonly dataBytes: number;
  readonly pace: Pace;
  /** How long each warm-up takes; nothing in it is measured. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const KB = 1_024;
/** The load that the main promises are about: full load, 1 KB payloads and one webhook. */
const FULL: LoadScenario = {
  name: 'full',
  title: 'full load, 1 KB, one webhook',
  stores: 1,
  webhooksPerStore: 1,
  failingPerStore: 0,
  dataBytes: KB,
  pace: { kind: 'full', inFlight: 256 },
  warmUpMs: 6_000,
  durationMs: 10_000,
};
const FAN_OUT: LoadScenario = {
  ...FULL,
  name: 'fan-out',
  title: 'full load, 1 KB, ten webhooks',
  webhooksPerStore: 10,
};

function paced(perSecond: number): LoadScenario {
  const title = `${perSecond.toLocaleString('en-US')} event${perSecond === 1 ? '' : 's'}/s, 1 KB, one webhook`;
  return {
    ...FULL,
    name: `paced-${perSecond}`,
    title,
    pace: { kind: 'rate', perSecond },
    warmUpMs: 12_000,
    durationMs: 15_000,
  };
}

/** Loads that are measured one after the other; each suite is a list of them. */
export const LOAD_SCENARIOS = {
  standard: [paced(100), FULL],
  throughput: [
    FULL,
    FAN_OUT,
    { ...FULL, name: 'large', title: 'full load, 20 KB, one webhook', dataBytes: 20 * KB },
    { ...FAN_OUT, name: 'large-fan-out', title: 'full load, 20 KB, ten webhooks', dataBytes: 20 * KB },
  ],
  latency: [paced(1), paced(100), paced(1_000)],
  tenants: [
    FULL,
    {
      ...FULL,
      name: 'tenants',
      title: 'full load, 1 KB, 10,000 stores with a webhook each',
      stores: 10_000,
      // Long enough for each store to publish at least once, so that as much is remembered of it as on a server that has been running.
      warmUpMs: 15_000,
    },
  ],
  failing: [
    FULL,
    { ...FULL, name: 'half-failing', title: 'full load, 1 KB, one webhook and one that fails', failingPerStore: 1 },
  ],
} as const satisfies Readonly<Record<string, readonly LoadScenario[]>>;

/** The most events of one run of one scenario: a faster machine gets a shorter run, not a larger one. */
export const EVENTS_MAX = 200_000;
