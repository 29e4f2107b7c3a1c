import { OTHER_WORK } from './cpu-use';
import type { Latencies } from './latencies';
import type { BackendReport, BenchReport } from './run-bench';
import type { ScenarioResult } from './run-scenario';
import type { BenchBackend } from './system-under-test';

const QUEUE_NAMES: Readonly<Record<BenchBackend, string>> = { redis: 'Redis', postgres: 'PostgreSQL' };
/** So much of a processor is taken by what every system does beside. */
const OTHER_WORK_MAX = 0.1;
const COMPLAINTS_SHOWN = 5;
const COMPLAINT_LENGTH_MAX = 400;
/** What is promised of Redis with 1 KB payloads and one webhook. */
const RATIO_MIN = 0.2;
const STEADY_P50_MS_MAX = 15;

type Row = readonly string[];

/** One line of each table. */
interface Measured {
  readonly backend: BackendReport;
  readonly result: ScenarioResult;
}

/** The report as Markdown: for the terminal and for docs/benchmarks.md alike. */
export function renderReport(report: BenchReport): readonly string[] {
  const { backends } = report;
  const measured = backends.flatMap((backend) => backend.scenarios.map((result): Measured => ({ backend, result })));
  const cpuParts = [...new Set(measured.flatMap(({ result }) => Object.keys(result.coresBusy)))];
  return [
    ...machineLines(report),
    '',
    ...table(THROUGHPUT_HEAD, measured.map(throughputRow)),
    '',
    ...table(LATENCY_HEAD, measured.map(latencyRow)),
    '',
    ...table(BARE_HEAD, backends.map(bareRow)),
    '',
    ...table(['Processors busy', 'Queue', ...cpuParts], cpuRows(measured, cpuParts)),
    '',
    ...promiseLines(backends),
    ...backends.flatMap(troubleLines),
  ];
}

/** Whether everything that was accepted was delivered and nothing was delivered twice. */
export function isFlawless({ backends }: BenchReport): boolean {
  return backends.every(({ scenarios }) => scenarios.every((result) => scenarioTroubles(result).length === 0));
}

function machineLines(report: BenchReport): string[] {
  const { machine, startedAt, backends } = report;
  const { cpu, cores, memoryGb, platform, node } = machine;
  const versions = [...new Set(backends.flatMap((backend) => backend.versions))];
  return [
    `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${cores} × ${cpu}, ${memoryGb} GB, ${platform}, Node.js ${node}, ${versions.join(', ')}.`,
    ...cautionLines(report),
  ];
}

/** What makes the figures less than they could be, or more. */
function cautionLines({ machine, backends }: BenchReport): string[] {
  const others = backends.flatMap(({ scenarios }) => scenarios.map(({ coresBusy }) => coresBusy[OTHER_WORK] ?? 0));
  const most = Math.max(0, ...others);
  return [
    ...(most > OTHER_WORK_MAX
      ? [
          `**Other work took up to ${most.toFixed(1)} of the ${machine.cores} processors meanwhile: an idle machine reaches more.**`,
        ]
      : []),
    ...(machine.diskIsMemory ? ['**The data were kept in memory: waiting for the disk cost nothing.**'] : []),
  ];
}

const THROUGHPUT_HEAD: Row = [
  'Throughput',
  'Queue',
  'Events/s accepted',
  'Deliveries/s recorded',
  'Bare loop, requests/s',
  'Recorded ÷ bare loop',
];

function throughputRow({ backend: { backend, bareLoop }, result }: Measured): Row {
  const { title, acceptedPerSecond, recordedPerSecond } = result;
  const ratio = (recordedPerSecond / bareLoop.mean).toFixed(2);
  return [title, QUEUE_NAMES[backend], whole(acceptedPerSecond), whole(recordedPerSecond), whole(bareLoop.mean), ratio];
}

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

function latencyRow({ backend: { backend }, result }: Measured): Row {
  const { title, acceptedToReceived, sentToReceived, sentToAccepted } = result;
  const times = [acceptedToReceived, sentToReceived, sentToAccepted].flatMap(shownLatencies);
  return [title, QUEUE_NAMES[backend], ...times];
}

function shownLatencies({ p50Ms, p99Ms }: Latencies): string[] {
  return [p50Ms, p99Ms].map((timeMs) => (timeMs < 100 ? timeMs.toFixed(1) : whole(timeMs)));
}

const BARE_HEAD: Row = ['Bare loop, requests/s', 'before', 'after', 'mean'];

function bareRow({ backend, bareLoop: { before, after, mean } }: BackendReport): Row {
  return [`beside the system on ${QUEUE_NAMES[backend]}`, whole(before), whole(after), whole(mean)];
}

function cpuRows(measured: readonly Measured[], parts: readonly string[]): Row[] {
  return measured.map(({ backend: { backend }, result: { title, coresBusy } }) => {
    const shares = parts.map((part) => coresBusy[part]?.toFixed(2) ?? '–');
    return [title, QUEUE_NAMES[backend], ...shares];
  });
}

/** How the figures stand to what is promised of Redis. */
function promiseLines(backends: readonly BackendReport[]): string[] {
  const redis = backends.find(({ backend }) => backend === 'redis');
  return (redis?.scenarios ?? []).flatMap(({ name, recordedPerSecond, acceptedToReceived }) => {
    switch (name) {
      case 'steady':
        return [
          promise(
            acceptedToReceived.p50Ms < STEADY_P50_MS_MAX,
            `accept→received p50 at 100 events/s is under ${STEADY_P50_MS_MAX} ms on Redis`,
          ),
        ];
      case 'full':
        return [
          promise(
            recordedPerSecond / (redis?.bareLoop.mean ?? 0) >= RATIO_MIN,
            `recorded ÷ bare loop is at least ${RATIO_MIN.toFixed(2)} on Redis`,
          ),
        ];
      default:
        return [];
    }
  });
}

function promise(isKept: boolean, text: string): string {
  return `- ${isKept ? 'kept' : 'MISSED'}: ${text}.`;
}

/** What went wrong, if anything did. */
function troubleLines({ backend, scenarios, complaints }: BackendReport): string[] {
  const queue = QUEUE_NAMES[backend];
  const troubles = scenarios.flatMap((result) =>
    scenarioTroubles(result).map((trouble) => `${queue}, ${result.title}: ${trouble}.`),
  );
  const counted = scenarios.reduce((sum, { recorded }) => sum + recorded, 0);
  const verdict =
    troubles.length === 0
      ? [`- ${queue}: all ${whole(counted)} deliveries are on record, and none was sent twice.`]
      : troubles.map((line) => `- ${line}`);
  if (complaints.length === 0) return verdict;
  const shown = complaints.slice(0, COMPLAINTS_SHOWN).map((line) => `  \`${line.slice(0, COMPLAINT_LENGTH_MAX)}\``);
  return [...verdict, `- ${queue}: API and worker logged ${complaints.length} warnings or errors:`, ...shown];
}

function scenarioTroubles({ missing, duplicates, refusals }: ScenarioResult): string[] {
  return [
    ...(missing === 0 ? [] : [`${missing} deliveries are not on record as delivered`]),
    ...(duplicates === 0 ? [] : [`${duplicates} requests were duplicates`]),
    ...Object.entries(refusals).map(([reason, count]) => `${count} requests to publish were not accepted (${reason})`),
  ];
}

/** Columns are padded, so that it can be read in a terminal too; those of figures stand at the right. */
function table(head: Row, rows: readonly Row[]): string[] {
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    const width = Math.max(title.length, ...cells.map((cell) => cell.length));
    return { width, isText: !cells.every((cell) => FIGURE.test(cell)) };
  });
  const line = (row: Row): string => {
    const cells = columns.map(({ width, isText }, column) => {
      const cell = row[column] ?? '';
      return isText ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${cells.join(' | ')} |`;
  };
  const rule = columns.map(({ width, isText }) => (isText ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)];
}

const FIGURE = /^-?[\d,.]+$|^–$/;

function whole(figure: number): string {
  return Math.round(figure).toLocaleString('en-US');
}
