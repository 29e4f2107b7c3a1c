import { type Findings, type Judgement, type Row, shownMs, whole } from './findings';
import { type RateResult, rateRows, rateTroubles, shareOf } from './full-load-rate';
import { summarizeLatencies } from './latencies';
import { QUEUE_NAMES } from './render-report';
import type { BenchBackend } from './system-under-test';

/** How long one kind of look at the log took, over and over. */
export interface QueryResult {
  readonly title: string;
  readonly timesMs: readonly number[];
}

/** What the suite measured. */
export interface LogResult {
  readonly deliveries: number;
  readonly queries: readonly QueryResult[];
  /** While the log was empty. */
  readonly before: RateResult;
  /** While the log was full. */
  readonly beside: RateResult;
}

const P95_MS_MAX = 50;
const RATE_SHARE_MIN = 0.9;

/** Compares the figures of a large log with the promises. */
export function logFindings(backend: BenchBackend, { deliveries, queries, before, beside }: LogResult): Findings {
  const queue = QUEUE_NAMES[backend];
  const summaries = queries.map(({ title, timesMs }) => ({ title, ...summarizeLatencies(timesMs) }));
  const row = ({ title, p50Ms, p95Ms, maxMs }: (typeof summaries)[number]): Row => [
    title,
    queue,
    ...[p50Ms, p95Ms, maxMs].map(shownMs),
  ];
  const share = shareOf(beside, before);
  const slow = summaries.filter(({ p95Ms }) => p95Ms > P95_MS_MAX);
  const judgements: Judgement[] = [
    {
      kept: slow.length === 0,
      text: `every look at the log takes ${P95_MS_MAX} ms at most at p95, on ${queue}${slow.map(({ title }) => `; not “${title}”`).join('')}`,
    },
    {
      kept: share >= RATE_SHARE_MIN,
      text: `beside it ${share.toFixed(2)} of the events get through that an empty log lets through, in units of the bare loop, on ${queue}`,
    },
  ];
  return {
    figures: { deliveries, queries: summaries, before, beside },
    tables: [
      {
        head: [`${whole(deliveries)} deliveries in the log: requests, in ms`, 'Queue', 'p50', 'p95', 'longest'],
        rows: summaries.map(row),
      },
      {
        head: ['Publishing with all force', 'Queue', 'empty log', 'full log'],
        rows: rateRows('events/s received', queue, [before, beside]),
      },
    ],
    judgements,
    accounts: [`all ${whole(before.events + beside.events)} events that were published arrived, each once`],
    troubles: [...rateTroubles('empty log', before), ...rateTroubles('full log', beside)],
    otherWork: Math.max(before.otherWork, beside.otherWork),
  };
}
