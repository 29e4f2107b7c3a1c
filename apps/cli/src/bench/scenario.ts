import type { Pace } from './load-process';

/** What is published, to how many, and how fast. */
export interface Scenario {
  readonly name: string;
  /** As the report calls it. */
  readonly title: string;
  readonly stores: number;
  readonly webhooksPerStore: number;
  /** The size of each event's data. */
  readonly dataBytes: number;
  readonly pace: Pace;
  /** Goes before, in the same manner, and is not measured. */
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const KB = 1_024;
/** What the promises of the card are about: 1 KB payloads and one webhook. */
const FULL: Scenario = {
  name: 'full',
  title: 'full load, 1 KB, one webhook',
  stores: 1,
  webhooksPerStore: 1,
  dataBytes: KB,
  pace: { kind: 'full', inFlight: 256 },
  warmUpMs: 3_000,
  durationMs: 10_000,
};

/** Those without which no report is complete come first; the others run when they are asked for. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...FULL,
    name: 'steady',
    title: '100 events/s, 1 KB, one webhook',
    pace: { kind: 'rate', perSecond: 100 },
    durationMs: 15_000,
  },
  FULL,
  { ...FULL, name: 'fan-out', title: 'full load, 1 KB, ten webhooks', webhooksPerStore: 10 },
  { ...FULL, name: 'large', title: 'full load, 20 KB, one webhook', dataBytes: 20 * KB },
  { ...FULL, name: 'tenants', title: 'full load, 1 KB, 200 stores with a webhook each', stores: 200 },
];

export const STANDARD_SCENARIOS: readonly string[] = ['steady', 'full'];

/** An upper bound for one run of one scenario, so that a faster machine gets a shorter run and no larger one. */
export const EVENTS_MAX = 200_000;
