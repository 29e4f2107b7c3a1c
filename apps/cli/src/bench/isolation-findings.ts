import { type Findings, type Judgement, type Row, shownMs, whole } from './findings';
import { summarizeLatencies } from './latencies';
import { QUEUE_NAMES } from './render-report';
import type { BenchBackend } from './system-under-test';

/** The result of one case of the isolation suite. */
export interface IsolationResult {
  readonly name: string;
  readonly title: string;
  readonly p99FactorMax: number;
  /** Events of the healthy webhooks. */
  readonly published: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** From the 202 to the receipt, of each event of a healthy webhook. */
  readonly acceptedToReceivedMs: readonly number[];
  /** What became of the flood, if there was one. */
  readonly flood: { readonly events: number; readonly acceptedMs: number; readonly deliveredMs: number } | null;
  readonly coresBusy: { readonly worker: number; readonly PostgreSQL: number; readonly other: number };
}

const HEAD: Row = [
  'Isolation: accept→received of healthy webhooks, in ms',
  'Queue',
  'events',
  'p50',
  'p99',
  'longest',
  'p99 ÷ alone',
  'worker busy',
  'PostgreSQL busy',
  'other work',
];

/** Compares each case with the healthy webhooks alone: with all measurements of them, taken together. */
export function isolationFindings(backend: BenchBackend, results: readonly IsolationResult[]): Findings {
  const queue = QUEUE_NAMES[backend];
  const isAlone = ({ name }: IsolationResult): boolean => name.startsWith('alone');
  const aloneMs = results.filter(isAlone).flatMap(({ acceptedToReceivedMs }) => acceptedToReceivedMs);
  const alone = summarizeLatencies(aloneMs);
  const factorOf = ({ acceptedToReceivedMs }: IsolationResult): number =>
    summarizeLatencies(acceptedToReceivedMs).p99Ms / alone.p99Ms;
  const row = (result: IsolationResult): Row => {
    const { p50Ms, p99Ms, maxMs } = summarizeLatencies(result.acceptedToReceivedMs);
    const { worker, PostgreSQL, other } = result.coresBusy;
    return [
      result.title,
      queue,
      whole(result.published),
      ...[p50Ms, p99Ms, maxMs].map(shownMs),
      ...[factorOf(result), worker, PostgreSQL, other].map((figure) => figure.toFixed(2)),
    ];
  };
  return {
    figures: {
      alone,
      cases: results.map(({ acceptedToReceivedMs, ...result }) => ({
        ...result,
        acceptedToReceived: summarizeLatencies(acceptedToReceivedMs),
      })),
    },
    tables: [{ head: HEAD, rows: results.map(row) }],
    judgements: results
      .filter((result) => !isAlone(result))
      .map((result): Judgement => {
        const factor = factorOf(result);
        const text = `${result.title}: the p99 of healthy webhooks is ${factor.toFixed(2)} times its value alone, of ${result.p99FactorMax} at most, on ${queue}`;
        return { kept: factor <= result.p99FactorMax, text };
      }),
    accounts: [
      ...results.flatMap(({ title, flood }) => (flood === null ? [] : [`${title}: ${floodAccount(flood)}`])),
      `all ${whole(results.reduce((sum, { published }) => sum + published, 0))} events of healthy webhooks arrived, each once`,
    ],
    troubles: results.flatMap((result) => troublesOf(result).map((trouble) => `${result.title}: ${trouble}`)),
    otherWork: Math.max(...results.map(({ coresBusy }) => coresBusy.other)),
  };
}

function floodAccount({ events, acceptedMs, deliveredMs }: NonNullable<IsolationResult['flood']>): string {
  const seconds = (timeMs: number): string => (timeMs / 1_000).toFixed(1);
  return `${whole(events)} events were accepted in ${seconds(acceptedMs)} s and delivered after ${seconds(deliveredMs)} s`;
}

function troublesOf({ missing, duplicates, refusals }: IsolationResult): string[] {
  return [
    ...(missing === 0 ? [] : [`${missing} events did not arrive`]),
    ...(duplicates === 0 ? [] : [`${duplicates} requests were duplicates`]),
    ...Object.entries(refusals).map(([reason, count]) => `${count} requests to publish were not accepted (${reason})`),
  ];
}
