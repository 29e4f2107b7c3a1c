import type { BareLoop, BareLoopRates } from './bare-loop';
import type { BenchStore } from './bench-store';
import { coresBusy, OTHER_WORK, readCpuSeconds } from './cpu-use';
import { type Row, whole } from './findings';
import type { LoadResult, LoadTask } from './load-process';
import { machineNowMs } from './machine-now-ms';
import { receiptsOf } from './receipts-of';
import type { SinkQuestion } from './sink-process';
import type { Stage } from './suite';

/** How much webhooks received under full load. */
export interface RateResult {
  /** Events received by the time from the first request to the last receipt. */
  readonly perSecond: number;
  /** The yardstick of perSecond. */
  readonly bareLoop: BareLoopRates;
  readonly events: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** Processor time of API, worker, PostgreSQL and Redis for each event. */
  readonly processorMsPerEvent: number;
  readonly otherWork: number;
}

const PAYLOAD = { dataBytes: 1_024, eventsMax: 200_000 };
/** Long enough for Node.js to compile the code that runs often, or the first of two runs would be the slower one. */
const WARM_UP_MS = 10_000;
const LOAD_MS = 10_000;

/** Publishes to all these stores under full load, after a warm-up, and measures how fast the events are received. */
export async function fullLoadRate(
  stores: readonly BenchStore[],
  yardstick: BareLoop,
  stage: Stage,
): Promise<RateResult> {
  const { durationMs } = stage;
  await rateDuring(stores, Math.min(WARM_UP_MS, durationMs ?? WARM_UP_MS), stage);
  const { measured, bareLoop } = await yardstick.around(() => rateDuring(stores, durationMs ?? LOAD_MS, stage));
  return { ...measured, bareLoop };
}

/** `rate` as a share of `of`, both in units of the bare loop. */
export function shareOf(rate: RateResult, of: RateResult): number {
  return rate.perSecond / rate.bareLoop.mean / (of.perSecond / of.bareLoop.mean);
}

/** Rates side by side, a column each. */
export function rateRows(what: string, queue: string, rates: readonly RateResult[]): Row[] {
  return [
    [what, queue, ...rates.map(({ perSecond }) => whole(perSecond))],
    ['the bare loop just before and after, requests/s', queue, ...rates.map(({ bareLoop }) => whole(bareLoop.mean))],
    [
      'processor time for each event, ms',
      queue,
      ...rates.map(({ processorMsPerEvent }) => processorMsPerEvent.toFixed(2)),
    ],
  ];
}

async function rateDuring(
  stores: readonly BenchStore[],
  durationMs: number,
  stage: Stage,
): Promise<Omit<RateResult, 'bareLoop'>> {
  const { system, sink, load } = stage;
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  const pids = { ...system.pids, sink: sink.pid, load: load.pid };
  const cpuBefore = await readCpuSeconds(pids);
  const beganMs = machineNowMs();
  const published = await load.ask<LoadResult>({
    ...PAYLOAD,
    apiUrl: system.apiUrl,
    targets: stores,
    pace: { kind: 'full', inFlight: 64 },
    eventsPerRequest: 1,
    durationMs,
  } satisfies LoadTask);
  const { missing, duplicates, lastAtMs } = await receiptsOf(published, sink, stage.stop);
  const seconds = (machineNowMs() - beganMs) / 1_000;
  const busy = coresBusy(cpuBefore, await readCpuSeconds(pids), seconds);
  const cores = Object.keys(system.pids).reduce((sum, part) => sum + (busy[part] ?? 0), 0);
  const events = published.ids.length;
  return {
    perSecond: (events * 1_000) / (lastAtMs - published.startedAtMs),
    processorMsPerEvent: (cores * seconds * 1_000) / events,
    events,
    missing,
    duplicates,
    refusals: published.refusals,
    otherWork: busy[OTHER_WORK] ?? 0,
  };
}

/** What went wrong, as clauses; `when` begins each. */
export function rateTroubles(when: string, { missing, duplicates, refusals }: RateResult): string[] {
  return [
    ...(missing === 0 ? [] : [`${when}: ${missing} events did not arrive`]),
    ...(duplicates === 0 ? [] : [`${when}: ${duplicates} requests were duplicates`]),
    ...Object.entries(refusals).map(([reason, count]) => `${when}: ${count} requests were not accepted (${reason})`),
  ];
}
