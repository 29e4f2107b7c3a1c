import { type BenchStore, createStore } from './bench-store';
import { coresBusy, OTHER_WORK, readCpuSeconds } from './cpu-use';
import type { HelperProcess } from './helper-process';
import { isolationFindings, type IsolationResult } from './isolation-findings';
import type { LoadResult, LoadTask, Pace } from './load-process';
import { machineNowMs } from './machine-now-ms';
import { receiptsOf } from './receipts-of';
import type { SinkQuestion } from './sink-process';
import type { Stage, Suite } from './suite';

/** One store that publishes very much. */
interface Flood {
  readonly webhooks: number;
  readonly pace: Pace;
  readonly eventsPerRequest: number;
  readonly events: number;
}

/** What the other half of all webhooks does, or another store, while the healthy half is measured. */
export interface IsolationCase {
  readonly name: string;
  /** As the report calls it. */
  readonly title: string;
  /** How the endpoints of the other half are in trouble, or the flood that another store publishes; null: nobody else publishes. */
  readonly trouble: 'hang' | 'refuse' | 'error' | 'trickle' | Flood | null;
  /** The size of the data of each event for the other half. */
  readonly dataBytes: number;
  readonly durationMs: number;
  /** The p99 of the healthy webhooks may be at most this many times its value without trouble. */
  readonly p99FactorMax: number;
}

const KB = 1_024;
const FLOOD: Flood = { webhooks: 1, pace: { kind: 'full', inFlight: 16 }, eventsPerRequest: 100, events: 100_000 };
const FLOOD_MS_MAX = 180_000;
/** A run that measures for this long publishes the whole flood, a shorter run its share of it. */
const FLOOD_MEASURED_MS = 30_000;
const LIKE_ALL = { dataBytes: KB, durationMs: 20_000, p99FactorMax: 2 };
const ALONE: IsolationCase = { ...LIKE_ALL, name: 'alone', title: 'alone', trouble: null };
const HANGING: IsolationCase = {
  ...LIKE_ALL,
  name: 'hanging',
  title: 'half of all webhooks hang to the timeout',
  trouble: 'hang',
};

/**
 * All cases. The healthy webhooks are measured alone at the beginning, in between and at the end; the other cases are compared with these.
 */
const CASES: readonly IsolationCase[] = [
  ALONE,
  HANGING,
  { ...LIKE_ALL, name: 'refusing', title: 'half refuse connections', trouble: 'refuse' },
  { ...LIKE_ALL, name: 'failing', title: 'half answer 500', trouble: 'error' },
  { ...ALONE, name: 'alone-between', title: 'alone, in between' },
  { ...LIKE_ALL, name: 'trickling', title: 'half trickle to the timeout', trouble: 'trickle' },
  {
    ...HANGING,
    name: 'hanging-large',
    title: 'half hang, with payloads of 300 KB',
    dataBytes: 300 * KB,
    // Reading and storing large payloads takes processor time that all share. The bound is to show only that nobody waits for a timeout.
    p99FactorMax: 30,
  },
  {
    ...LIKE_ALL,
    name: 'flood',
    title: 'one store publishes 100,000 events at once',
    trouble: FLOOD,
    durationMs: 30_000,
  },
  {
    ...LIKE_ALL,
    name: 'small-batches',
    title: 'one store publishes batches of 40 with all force',
    trouble: { ...FLOOD, eventsPerRequest: 40, events: 20_000 },
  },
  {
    ...LIKE_ALL,
    name: 'wide',
    title: 'one store publishes two events a second to 1,000 webhooks',
    trouble: { webhooks: 1_000, pace: { kind: 'rate', perSecond: 2 }, eventsPerRequest: 1, events: 40 },
  },
  { ...ALONE, name: 'alone-again', title: 'alone, afterwards' },
];

/** How many webhooks each half has, each in a store of its own. */
const HALF = 20;
/** How many events per second are published to each half. */
const EVENTS_PER_SECOND = 50;
const WARM_UP = { pace: { kind: 'full', inFlight: 64 }, ms: 6_000 } as const;
const EVENTS_MAX = 200_000;

/** How the deliveries of webhooks that answer fare while others are in trouble. */
export const ISOLATION: Suite = {
  name: 'isolation',
  title: 'the latency of healthy webhooks while half of all others fail, and under a flood',
  expectedLog: /circuit breaker of a webhook opened/,
  async measure(stage) {
    const others = await startOthers(stage);
    const healthy: BenchStore[] = [];
    for (let index = 0; index < HALF; index += 1) {
      healthy.push(await createStore(stage.system.operator, `healthy-${index}`, [`${stage.sinkUrl}/healthy/${index}`]));
    }
    await warmUp(healthy, others, stage);
    const results: IsolationResult[] = [];
    for (const one of CASES) {
      stage.progress(one.title);
      const durationMs = stage.durationMs ?? one.durationMs;
      results.push(await measureCase({ ...one, durationMs }, healthy, others, stage));
    }
    return isolationFindings(stage.backend, results);
  },
};

/** The other half's own receiver and load generator. */
interface Others {
  readonly sink: HelperProcess;
  readonly sinkUrl: string;
  /** Where nobody listens. */
  readonly refusingUrl: string;
  readonly load: HelperProcess;
}

async function startOthers(stage: Stage): Promise<Others> {
  const [sink, refusing, load] = [stage.start('sink'), stage.start('sink'), stage.start('load')];
  const sinkUrl = await sink.ask<string>({ kind: 'open' } satisfies SinkQuestion);
  const refusingUrl = await refusing.ask<string>({ kind: 'open' } satisfies SinkQuestion);
  await refusing.ask<undefined>({ kind: 'close' } satisfies SinkQuestion);
  return { sink, sinkUrl, refusingUrl, load };
}

async function measureCase(
  one: IsolationCase,
  healthy: readonly BenchStore[],
  others: Others,
  stage: Stage,
): Promise<IsolationResult> {
  const { sink, load, system } = stage;
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  await others.sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  const troubled = one.trouble === null ? [] : await createTroubled(one, others, stage);
  const pids = { ...system.pids, sink: sink.pid, load: load.pid, others: others.sink.pid, flood: others.load.pid };
  const [cpuBefore, startedMs] = [await readCpuSeconds(pids), machineNowMs()];
  const trouble = publishTrouble(one, troubled, others, stage);
  const published = await publish(load, healthy, { durationMs: one.durationMs }, stage);
  const received = await receiptsOf(published, sink, stage.stop);
  const busy = coresBusy(cpuBefore, await readCpuSeconds(pids), (machineNowMs() - startedMs) / 1_000);
  const flood = await trouble;
  const { webhooks } = floodOf(one) ?? { webhooks: 0 };
  const flooded = flood === null || webhooks === 0 ? null : await receiptsOf(flood, others.sink, stage.stop, webhooks);
  for (const { key } of troubled) await disableWebhooks(key, stage);
  return {
    name: one.name,
    title: one.title,
    p99FactorMax: one.p99FactorMax,
    published: published.ids.length,
    missing: received.missing + (flooded?.missing ?? 0),
    duplicates: received.duplicates + (flooded?.duplicates ?? 0),
    refusals: published.refusals,
    acceptedToReceivedMs: received.acceptedToReceivedMs,
    flood:
      flood === null || flooded === null
        ? null
        : {
            events: flood.ids.length,
            acceptedMs: flood.endedAtMs - flood.startedAtMs,
            deliveredMs: flooded.lastAtMs - flood.startedAtMs,
          },
    coresBusy: { worker: busy['worker'] ?? 0, PostgreSQL: busy['PostgreSQL'] ?? 0, other: busy[OTHER_WORK] ?? 0 },
  };
}

/** Has the code compiled that runs often, both for endpoints that answer and for endpoints that fail. */
async function warmUp(healthy: readonly BenchStore[], others: Others, stage: Stage): Promise<void> {
  const ms = Math.min(WARM_UP.ms, stage.durationMs ?? WARM_UP.ms);
  const failing: IsolationCase = { ...LIKE_ALL, name: 'warm-up', title: 'warm-up', trouble: 'error', durationMs: ms };
  const troubled = await createTroubled(failing, others, stage);
  const trouble = publishTrouble(failing, troubled, others, stage);
  const published = await publish(stage.load, healthy, { durationMs: ms, pace: WARM_UP.pace }, stage);
  await trouble;
  await receiptsOf(published, stage.sink, stage.stop);
  for (const { key } of troubled) await disableWebhooks(key, stage);
}

/** Makes new stores for every case, so that nothing is known yet of webhooks that will be in trouble. */
async function createTroubled(one: IsolationCase, others: Others, { system }: Stage): Promise<BenchStore[]> {
  const { name, trouble } = one;
  const flood = floodOf(one);
  const stores: BenchStore[] = [];
  const base = trouble === 'refuse' ? others.refusingUrl : others.sinkUrl;
  const way = typeof trouble === 'string' ? trouble : 'flood';
  for (let index = 0; index < (flood === null ? HALF : 1); index += 1) {
    const key = `${name}-${index}`;
    const urls = Array.from({ length: flood?.webhooks ?? 1 }, (_, webhook) => `${base}/${way}/${key}/${webhook}`);
    stores.push(await createStore(system.operator, key, urls));
  }
  return stores;
}

function floodOf({ trouble }: IsolationCase): Flood | null {
  return typeof trouble === 'string' ? null : trouble;
}

async function publishTrouble(
  one: IsolationCase,
  stores: readonly BenchStore[],
  { load }: Others,
  stage: Stage,
): Promise<LoadResult | null> {
  const { trouble, durationMs, dataBytes } = one;
  if (trouble === null) return null;
  if (typeof trouble === 'string') return publish(load, stores, { durationMs, dataBytes }, stage);
  const { pace, eventsPerRequest, events } = trouble;
  const share = stage.durationMs === null ? 1 : stage.durationMs / FLOOD_MEASURED_MS;
  return load.ask<LoadResult>({
    ...{ dataBytes, pace, eventsPerRequest, eventsMax: Math.ceil(events * share), durationMs: FLOOD_MS_MAX },
    apiUrl: stage.system.apiUrl,
    targets: stores,
  } satisfies LoadTask);
}

function publish(
  load: HelperProcess,
  targets: readonly BenchStore[],
  what: Pick<LoadTask, 'durationMs'> & Partial<Pick<LoadTask, 'dataBytes' | 'pace'>>,
  { system }: Stage,
): Promise<LoadResult> {
  return load.ask<LoadResult>({
    dataBytes: KB,
    pace: { kind: 'rate', perSecond: EVENTS_PER_SECOND },
    ...what,
    apiUrl: system.apiUrl,
    targets,
    eventsPerRequest: 1,
    eventsMax: EVENTS_MAX,
  } satisfies LoadTask);
}

/** Disables the troubled webhooks, so that the deliveries still owed to them are canceled and do not burden the next measurement. */
async function disableWebhooks(storeKey: string, { system }: Stage): Promise<void> {
  const path = `/api/v1/stores/${storeKey}/webhooks`;
  const { data } = await system.operator.get<{ data: readonly { id: string }[] }>(path);
  for (const { id } of data) await system.operator.patch(`${path}/${id}`, { enabled: false });
}
