import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { BareLoop, BareLoopRates } from './bare-loop';
import { createStore } from './bench-store';
import { coresBusy, type CpuSeconds, readCpuSeconds } from './cpu-use';
import type { HelperProcess } from './helper-process';
import { type Latencies, summarizeLatencies } from './latencies';
import type { LoadResult, LoadTarget, LoadTask } from './load-process';
import { machineNowMs } from './machine-now-ms';
import { EVENTS_MAX, type LoadScenario } from './scenario';
import { type ResidentMb, residentMb } from './resident-memory';
import type { Receipts, SinkQuestion } from './sink-process';
import type { Stage } from './suite';

/** The result of one run of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  /** Events answered with 202. */
  readonly accepted: number;
  /** Accepted events by the time from the first request to the last answer. */
  readonly acceptedPerSecond: number;
  /** Answers other than 202, by status or error. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Deliveries whose attempt and state are on disk as delivered. */
  readonly recorded: number;
  /** Recorded deliveries by the time from the first request to the last record, so the backlog counts too. */
  readonly recordedPerSecond: number;
  /** The yardstick of recordedPerSecond. */
  readonly bareLoop: BareLoopRates;
  /** Accepted events × webhooks that answer, less what is on record as delivered. */
  readonly missing: number;
  /** Requests that the sink received beyond one for each delivery. */
  readonly duplicates: number;
  /** From the request that publishes to its 202. */
  readonly sentToAccepted: Latencies;
  /** From the 202 to the receipt at the sink. A receipt may come before the publisher has read its 202: then it is negative. */
  readonly acceptedToReceived: Latencies;
  /** From the request that publishes to the receipt at the sink. */
  readonly sentToReceived: Latencies;
  /** Measured once everything was published, while there may still be a backlog. */
  readonly residentMb: ResidentMb;
  /** Processors that each part kept busy. */
  readonly coresBusy: CpuSeconds;
}

/**
 * Requests in flight during the warm-ups. Node.js compiles code that has run some ten thousand times, and a server runs for longer than a
 * test. Events that are published at a pace come one by one, which runs other code than full load does: before a paced scenario, both are
 * warmed up.
 */
const WARM_UPS = { full: [64], rate: [64, 1] } as const;
const POLL_MS = 250;
/** How long a backlog may take after the load has ended. */
const SETTLE_MS_MAX = 120_000;

/**
 * Publishes as the scenario says, waits until every delivery is on record, and compares what was sent with what arrived. The warm-up is
 * over before the yardstick runs for the first time.
 */
export async function runScenario(scenario: LoadScenario, yardstick: BareLoop, stage: Stage): Promise<ScenarioResult> {
  const { system, sink, sinkUrl, load } = stage;
  const storeKeys = Array.from({ length: scenario.stores }, (_, index) => `bench-${scenario.name}-${index}`);
  const targets: LoadTarget[] = [];
  for (const key of storeKeys) {
    const urls = [
      ...Array.from({ length: scenario.webhooksPerStore }, (_, index) => `${sinkUrl}/${key}/${index}`),
      ...Array.from({ length: scenario.failingPerStore }, (_, index) => `${sinkUrl}/error/${key}/${index}`),
    ];
    targets.push(await createStore(system.operator, key, urls));
  }

  const task = {
    apiUrl: system.apiUrl,
    targets,
    dataBytes: scenario.dataBytes,
    pace: scenario.pace,
    eventsPerRequest: 1,
    eventsMax: EVENTS_MAX,
    durationMs: scenario.durationMs,
  } satisfies LoadTask;
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  const owedBefore = (await warmUp(task, scenario, load)) * scenario.webhooksPerStore;
  const before = await settled(storeKeys, { received: owedBefore, recorded: owedBefore }, stage);

  const { measured, bareLoop } = await yardstick.around(async () => {
    const pids = { ...system.pids, sink: sink.pid, load: load.pid };
    const cpuBefore = await readCpuSeconds(pids);
    const startedMs = machineNowMs();
    const published = await load.ask<LoadResult>(task);
    const memory = await residentMb(system.pids);
    const owed = published.ids.length * scenario.webhooksPerStore;
    const after = await settled(storeKeys, { received: owed, recorded: before.delivered + owed }, stage);
    const busy = coresBusy(cpuBefore, await readCpuSeconds(pids), (machineNowMs() - startedMs) / 1_000);
    const receipts = await sink.ask<Receipts>({ kind: 'report' } satisfies SinkQuestion);
    const recorded = after.delivered - before.delivered;
    return {
      ...figures(scenario, published, receipts),
      recorded,
      recordedPerSecond: (recorded * 1_000) / (after.lastRecordMs - published.startedEpochMs),
      missing: owed - recorded,
      residentMb: memory,
      coresBusy: busy,
    };
  });
  return { ...measured, bareLoop };
}

/** @returns how many events were accepted */
async function warmUp(task: LoadTask, { pace, warmUpMs }: LoadScenario, load: HelperProcess): Promise<number> {
  let accepted = 0;
  for (const inFlight of WARM_UPS[pace.kind]) {
    const { ids } = await load.ask<LoadResult>({ ...task, pace: { kind: 'full', inFlight }, durationMs: warmUpMs });
    accepted += ids.length;
  }
  return accepted;
}

type Figures = Omit<
  ScenarioResult,
  'recorded' | 'recordedPerSecond' | 'bareLoop' | 'missing' | 'residentMb' | 'coresBusy'
>;

function figures({ name, title }: LoadScenario, published: LoadResult, { ids, paths, atMs }: Receipts): Figures {
  const indexOf = new Map(published.ids.map((id, index) => [id, index]));
  const seen = new Set<string>();
  const acceptedToReceived: number[] = [];
  const sentToReceived: number[] = [];
  ids.forEach((id, receipt) => {
    const event = indexOf.get(id);
    const delivery = `${id} ${paths[receipt] ?? ''}`;
    if (event === undefined || seen.has(delivery)) return;
    seen.add(delivery);
    const receivedAtMs = atMs[receipt] ?? 0;
    acceptedToReceived.push(receivedAtMs - (published.acceptedAtMs[event] ?? 0));
    sentToReceived.push(receivedAtMs - (published.sentAtMs[event] ?? 0));
  });
  const accepted = published.ids.length;
  return {
    name,
    title,
    accepted,
    acceptedPerSecond: (accepted * 1_000) / (published.endedAtMs - published.startedAtMs),
    refusals: published.refusals,
    duplicates: ids.length - seen.size,
    sentToAccepted: summarizeLatencies(
      published.ids.map((_, event) => (published.acceptedAtMs[event] ?? 0) - (published.sentAtMs[event] ?? 0)),
    ),
    acceptedToReceived: summarizeLatencies(acceptedToReceived),
    sentToReceived: summarizeLatencies(sentToReceived),
  };
}

interface Settled {
  readonly delivered: number;
  /** When the last one was recorded, by PostgreSQL's clock in milliseconds since 1970. */
  readonly lastRecordMs: number;
}

/**
 * Waits until the sink has received this many requests and this many deliveries are on record as delivered, or patience ends. The sink is
 * asked first, because that costs nothing: counting the deliveries on record would keep PostgreSQL from delivering the rest.
 */
async function settled(
  storeKeys: readonly string[],
  expected: { readonly received: number; readonly recorded: number },
  { system, sink, stop }: Stage,
): Promise<Settled> {
  const lastMs = machineNowMs() + SETTLE_MS_MAX;
  const goesOn = async (): Promise<boolean> => {
    if (machineNowMs() > lastMs) return false;
    await delay(POLL_MS, undefined, { signal: stop });
    return true;
  };
  while ((await sink.ask<number>({ kind: 'count' } satisfies SinkQuestion)) < expected.received && (await goesOn()));
  for (;;) {
    const found = await countDelivered(system.sql, storeKeys);
    if (found.delivered >= expected.recorded || !(await goesOn())) return found;
  }
}

async function countDelivered(sql: Client, storeKeys: readonly string[]): Promise<Settled> {
  const { rows } = await sql.query<{ delivered: number; last_ms: number | null }>(
    `SELECT count(*)::int AS delivered, (extract(epoch FROM max(delivered_at)) * 1000)::float8 AS last_ms
     FROM deliveries WHERE status = 'delivered' AND store_id IN (SELECT id FROM stores WHERE key = ANY ($1))`,
    [storeKeys],
  );
  return { delivered: rows[0]?.delivered ?? 0, lastRecordMs: rows[0]?.last_ms ?? 0 };
}
