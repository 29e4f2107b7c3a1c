import { OTHER_WORK } from './cpu-use';
import { type Findings, type Judgement, type Row, shownMs, type Table, whole } from './findings';
import type { Latencies } from './latencies';
import { QUEUE_NAMES } from './render-report';
import type { ScenarioResult } from './run-scenario';
import type { ResidentMb } from './resident-memory';
import type { BenchBackend } from './system-under-test';

/** The least that recorded ÷ bare loop must be, by scenario and queue. */
const RATIOS_MIN: Readonly<Record<string, Partial<Record<BenchBackend, number>>>> = {
  full: { redis: 0.28, postgres: 0.2 },
  'fan-out': { redis: 0.4 },
};
/** The least share of the rate of one store that many stores must reach in the same run, both in units of the bare loop. */
const TENANTS_SHARE_MIN = 0.8;
const STEADY = 'paced-100';
const STEADY_P50_MS_MAX = 8;
const STEADY_P99_MS_MAX = 30;
const RESIDENT_MB_MAX = 200;

const THROUGHPUT_HEAD: Row = [
  'Throughput',
  'Queue',
  'Events/s accepted',
  'Deliveries/s recorded',
  'Bare loop, requests/s',
  'Recorded ÷ bare loop',
];
const LATENCY_HEAD: Row = [
  'Latency in ms',
  'Queue',
  'accept→received p50',
  'p99',
  'sent→received p50',
  'p99',
  'sent→202 p50',
  'p99',
];

/** API and worker before any load. */
export interface IdleFigures {
  /** From the start of the process until it takes requests, or jobs. */
  readonly startMs: { readonly API: number; readonly worker: number };
  readonly residentMb: ResidentMb;
}

/** Puts the figures of loads side by side, and compares them with the promises. */
export function loadFindings(backend: BenchBackend, idle: IdleFigures, scenarios: readonly ScenarioResult[]): Findings {
  const recorded = scenarios.reduce((sum, result) => sum + result.recorded, 0);
  return {
    figures: { idle, scenarios },
    tables: [
      { head: THROUGHPUT_HEAD, rows: scenarios.map((result) => throughputRow(backend, result)) },
      { head: LATENCY_HEAD, rows: scenarios.map((result) => latencyRow(backend, result)) },
      bareLoopTable(backend, scenarios),
      cpuTable(backend, scenarios),
      processTable(backend, idle, scenarios),
    ],
    judgements: [
      ...scenarios.flatMap((result) => judgementsOf(backend, result)),
      ...tenantsJudgements(backend, scenarios),
    ],
    accounts: [`all ${whole(recorded)} deliveries are on record, and none was sent twice`],
    troubles: scenarios.flatMap((result) => troublesOf(result).map((trouble) => `${result.title}: ${trouble}`)),
    otherWork: Math.max(0, ...scenarios.map(({ coresBusy }) => coresBusy[OTHER_WORK] ?? 0)),
  };
}

/** Recorded ÷ bare loop. */
function ratioOf({ recordedPerSecond, bareLoop }: ScenarioResult): number {
  return recordedPerSecond / bareLoop.mean;
}

function throughputRow(backend: BenchBackend, result: ScenarioResult): Row {
  const rates = [result.acceptedPerSecond, result.recordedPerSecond, result.bareLoop.mean].map(whole);
  return [result.title, QUEUE_NAMES[backend], ...rates, ratioOf(result).toFixed(2)];
}

function latencyRow(backend: BenchBackend, result: ScenarioResult): Row {
  const { title, acceptedToReceived, sentToReceived, sentToAccepted } = result;
  const times = [acceptedToReceived, sentToReceived, sentToAccepted].flatMap(({ p50Ms, p99Ms }: Latencies) => [
    shownMs(p50Ms),
    shownMs(p99Ms),
  ]);
  return [title, QUEUE_NAMES[backend], ...times];
}

function bareLoopTable(backend: BenchBackend, scenarios: readonly ScenarioResult[]): Table {
  const rows = scenarios.map(({ title, bareLoop: { before, after } }) => [
    title,
    QUEUE_NAMES[backend],
    whole(before),
    whole(after),
  ]);
  return { head: ['Bare loop, requests/s', 'Queue', 'just before', 'just after'], rows };
}

function cpuTable(backend: BenchBackend, scenarios: readonly ScenarioResult[]): Table {
  const parts = ['API', 'worker', 'PostgreSQL', 'Redis', 'sink', 'load', OTHER_WORK];
  const rows = scenarios.map(({ title, coresBusy }) => [
    title,
    QUEUE_NAMES[backend],
    ...parts.map((part) => coresBusy[part]?.toFixed(2) ?? '–'),
  ]);
  return { head: ['Processors busy', 'Queue', ...parts], rows };
}

function processTable(backend: BenchBackend, idle: IdleFigures, scenarios: readonly ScenarioResult[]): Table {
  const queue = QUEUE_NAMES[backend];
  const row = (what: string, { API, worker }: ResidentMb): Row => [
    what,
    queue,
    ...[API, worker].map((figure) => (figure === null ? '–' : whole(figure))),
  ];
  return {
    head: ['Start and memory', 'Queue', 'API', 'worker'],
    rows: [
      row('from start to ready, ms', idle.startMs),
      row('MB resident, idle', idle.residentMb),
      ...scenarios.map(({ title, residentMb }) => row(`MB resident, ${title}`, residentMb)),
    ],
  };
}

function judgementsOf(backend: BenchBackend, result: ScenarioResult): Judgement[] {
  const { name, title, acceptedToReceived } = result;
  const queue = QUEUE_NAMES[backend];
  const ratioMin = RATIOS_MIN[name]?.[backend];
  return [
    ...(ratioMin === undefined
      ? []
      : [
          {
            kept: ratioOf(result) >= ratioMin,
            text: `${title}: recorded ÷ bare loop is at least ${ratioMin.toFixed(2)} on ${queue}`,
          },
        ]),
    ...(name === STEADY && backend === 'redis'
      ? [
          {
            kept: acceptedToReceived.p50Ms <= STEADY_P50_MS_MAX && acceptedToReceived.p99Ms <= STEADY_P99_MS_MAX,
            text: `at 100 events/s, accept→received is ${STEADY_P50_MS_MAX} ms at most at p50, and ${STEADY_P99_MS_MAX} ms at p99, on ${queue}`,
          },
        ]
      : []),
    ...Object.entries(result.residentMb).flatMap(([part, mb]: [string, number | null]) =>
      mb === null
        ? []
        : [
            {
              kept: mb <= RESIDENT_MB_MAX,
              text: `${title}: the ${part} takes ${whole(mb)} MB of ${RESIDENT_MB_MAX}, on ${queue}`,
            },
          ],
    ),
  ];
}

/** Compares many stores with one store, when both were measured. */
function tenantsJudgements(backend: BenchBackend, scenarios: readonly ScenarioResult[]): Judgement[] {
  const [one, many] = ['full', 'tenants'].map((wanted) => scenarios.find(({ name }) => name === wanted));
  if (one === undefined || many === undefined) return [];
  const share = ratioOf(many) / ratioOf(one);
  const text = `${many.title}: ${share.toFixed(2)} of one store's recorded ÷ bare loop, at least ${TENANTS_SHARE_MIN.toFixed(2)}, on ${QUEUE_NAMES[backend]}`;
  return [{ kept: share >= TENANTS_SHARE_MIN, text }];
}

function troublesOf({ missing, duplicates, refusals }: ScenarioResult): string[] {
  return [
    ...(missing === 0 ? [] : [`${missing} deliveries are not on record as delivered`]),
    ...(duplicates === 0 ? [] : [`${duplicates} requests were duplicates`]),
    ...Object.entries(refusals).map(([reason, count]) => `${count} requests to publish were not accepted (${reason})`),
  ];
}
