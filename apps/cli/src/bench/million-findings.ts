import type { Drain } from './drain';
import { type Findings, type Judgement, type Row, whole } from './findings';
import { type RateResult, rateRows, rateTroubles, shareOf } from './full-load-rate';
import type { QueueSize } from './queue-size';
import { QUEUE_NAMES } from './render-report';
import type { BenchBackend } from './system-under-test';

/** What the suite measured. */
export interface MillionResult {
  readonly backlog: number;
  /** Requests per second that the dead webhook allows. */
  readonly rateLimit: number;
  readonly before: RateResult;
  readonly beside: RateResult;
  readonly drain: Drain;
  /** The size of the queue, each time while no load runs: before the backlog exists, while it waits, and while it is sent. */
  readonly queues: { readonly before: QueueSize; readonly with: QueueSize; readonly draining: QueueSize };
  /** The most memory that the worker ever had resident; null where the system does not tell. */
  readonly workerMb: number | null;
}

const WORKER_MB_MAX = 300;
const RATE_SHARE_MIN = 0.9;
const QUEUE_GROWTH_MAX = { bytes: 1024 ** 2, entries: 200 };
/** In any second, this many seconds' worth of requests may come in addition (libs/domain/src/gate.ts). */
const BURST_SECONDS = 0.4;
/** Deliveries may be out of order by this much, because several claims may run at once. */
const DISPLACED_SECONDS_MAX = 1;
/** A webhook that is sent to again begins with at most this many requests in flight; each answer allows one more. */
const CONCURRENCY_MAX = 32;

/** Compares the figures of a large backlog with the promises. */
export function millionFindings(backend: BenchBackend, result: MillionResult): Findings {
  const queue = QUEUE_NAMES[backend];
  const { before, beside, drain, queues, workerMb } = result;
  const mb = (bytes: number | null): string => (bytes === null ? '–' : (bytes / 1024 ** 2).toFixed(2));
  const sizes = [queues.before, queues.with, queues.draining];
  const owed = whole(result.backlog);
  return {
    figures: result,
    tables: [
      {
        head: [`${owed} deliveries owed to a dead webhook`, 'Queue', 'before', 'while they wait', 'while they go out'],
        rows: [
          ...rateRows('the other webhooks, events/s received', queue, [before, beside]).map((row) => [...row, '–']),
          ['Redis keys, or job rows', queue, ...sizes.map(({ entries }) => whole(entries))],
          ['Redis memory, MB', queue, ...sizes.map(({ bytes }) => mb(bytes))],
          ['worker memory at most, MB', queue, '–', '–', workerMb === null ? '–' : whole(workerMb)],
        ],
      },
      { head: DRAIN_HEAD, rows: [drainRow(queue, result)] },
    ],
    judgements: judgementsOf(queue, result),
    accounts: [`${whole(drain.received)} deliveries of the backlog were watched going out`],
    troubles: [...rateTroubles('before', before), ...rateTroubles('beside the backlog', beside)],
    otherWork: Math.max(before.otherWork, beside.otherWork),
  };
}

const DRAIN_HEAD: Row = [
  'The dead webhook comes back',
  'Queue',
  'received/s',
  'in its first second',
  'in any second at most',
  'in flight at most',
  'in the first second',
  'out of its turn by age at most',
];

function drainRow(queue: string, { rateLimit, drain }: MillionResult): Row {
  const figures = [
    drain.perSecond,
    drain.inFirstSecond,
    drain.perSecondMax,
    drain.inFlightMax,
    drain.inFlightMaxInFirstSecond,
    Math.max(drain.displacedMax, drain.leftBehind),
  ];
  return [`at ${whole(rateLimit)} requests/s allowed`, queue, ...figures.map(whole)];
}

function judgementsOf(
  queue: string,
  { before, beside, drain, queues, rateLimit, workerMb }: MillionResult,
): Judgement[] {
  const growth = (of: (size: QueueSize) => number): number =>
    Math.max(of(queues.with), of(queues.draining)) - of(queues.before);
  const isFlat =
    growth(({ bytes }) => bytes ?? 0) <= QUEUE_GROWTH_MAX.bytes &&
    growth(({ entries }) => entries) <= QUEUE_GROWTH_MAX.entries;
  const share = shareOf(beside, before);
  return [
    { kept: isFlat, text: `the queue on ${queue} stays as small as it was` },
    ...(workerMb === null
      ? []
      : [{ kept: workerMb < WORKER_MB_MAX, text: `the worker never takes ${WORKER_MB_MAX} MB, on ${queue}` }]),
    {
      kept: share >= RATE_SHARE_MIN,
      text: `the other webhooks receive ${share.toFixed(2)} of before, in units of the bare loop, on ${queue}`,
    },
    {
      kept: Math.max(drain.displacedMax, drain.leftBehind) <= rateLimit * DISPLACED_SECONDS_MAX,
      text: `the backlog goes out in order of age, but for what is under way at once, on ${queue}`,
    },
    {
      kept: drain.perSecondMax <= rateLimit * (1 + BURST_SECONDS) && drain.perSecond >= rateLimit * RATE_SHARE_MIN,
      text: `it goes out at the allowed rate, on ${queue}`,
    },
    {
      kept: drain.inFlightMaxInFirstSecond <= CONCURRENCY_MAX && drain.inFirstSecond <= rateLimit * (1 + BURST_SECONDS),
      text: `it does not set in with a rush, on ${queue}`,
    },
  ];
}
