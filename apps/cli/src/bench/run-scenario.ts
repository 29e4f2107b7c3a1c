import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { coresBusy, type CpuSeconds, readCpuSeconds } from './cpu-use';
import type { HelperProcess } from './helper-process';
import { type Latencies, summarizeLatencies } from './latencies';
import type { LoadResult, LoadTarget, LoadTask } from './load-process';
import { machineNowMs } from './machine-now-ms';
import { EVENTS_MAX, type Scenario } from './scenario';
import type { Receipts, SinkQuestion } from './sink-process';
import type { SystemUnderTest } from './system-under-test';

/** What one run of one scenario came to. */
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
  /** Accepted events × webhooks, less what is on record as delivered. */
  readonly missing: number;
  /** Requests that the sink received beyond one for each delivery. */
  readonly duplicates: number;
  /** From the request that publishes to its 202. */
  readonly sentToAccepted: Latencies;
  /** From the 202 to the receipt at the sink. A receipt may come before the publisher has read its 202: then it is negative. */
  readonly acceptedToReceived: Latencies;
  /** From the request that publishes to the receipt at the sink. */
  readonly sentToReceived: Latencies;
  /** Processors that each part kept busy. */
  readonly coresBusy: CpuSeconds;
}

export interface Harness {
  readonly system: SystemUnderTest;
  readonly sink: HelperProcess;
  /** Where the sink listens. */
  readonly sinkUrl: string;
  readonly load: HelperProcess;
  readonly stop: AbortSignal;
}

const POLL_MS = 250;
/** How long a backlog may take after the load has ended. */
const SETTLE_MS_MAX = 120_000;

/** Publishes as the scenario says, waits until every delivery is on record, and compares what was sent with what arrived. */
export async function runScenario(scenario: Scenario, harness: Harness): Promise<ScenarioResult> {
  const { system, sink, load } = harness;
  const storeKeys = Array.from({ length: scenario.stores }, (_, index) => `bench-${scenario.name}-${index}`);
  const targets: LoadTarget[] = [];
  for (const key of storeKeys) targets.push(await createStore(key, scenario.webhooksPerStore, harness));

  const task = {
    apiUrl: system.apiUrl,
    targets,
    dataBytes: scenario.dataBytes,
    pace: scenario.pace,
    eventsMax: EVENTS_MAX,
  };
  const warmUp = await load.ask<LoadResult>({ ...task, durationMs: scenario.warmUpMs } satisfies LoadTask);
  const before = await settled(storeKeys, warmUp.ids.length * scenario.webhooksPerStore, harness);
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);

  const pids = { ...system.pids, sink: sink.pid, load: load.pid };
  const cpuBefore = await readCpuSeconds(pids);
  const startedMs = machineNowMs();
  const published = await load.ask<LoadResult>({ ...task, durationMs: scenario.durationMs } satisfies LoadTask);
  const owed = published.ids.length * scenario.webhooksPerStore;
  const after = await settled(storeKeys, before.delivered + owed, harness);
  const busy = coresBusy(cpuBefore, await readCpuSeconds(pids), (machineNowMs() - startedMs) / 1_000);
  const receipts = await sink.ask<Receipts>({ kind: 'report' } satisfies SinkQuestion);
  const recorded = after.delivered - before.delivered;
  return {
    ...figures(scenario, published, receipts),
    recorded,
    recordedPerSecond: (recorded * 1_000) / (after.lastRecordMs - published.startedEpochMs),
    missing: owed - recorded,
    coresBusy: busy,
  };
}

type Figures = Omit<ScenarioResult, 'recorded' | 'recordedPerSecond' | 'missing' | 'coresBusy'>;

function figures({ name, title }: Scenario, published: LoadResult, { ids, paths, atMs }: Receipts): Figures {
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

/** Makes a store with an API key and its webhooks, each to a path of its own at the sink. */
async function createStore(key: string, webhooks: number, { system, sinkUrl }: Harness): Promise<LoadTarget> {
  const { operator } = system;
  const store = `/api/v1/stores/${key}`;
  await operator.post('/api/v1/stores', { key, name: key });
  const apiKey = await operator.post<{ key: string; secret: string }>(`${store}/api-keys`, {
    description: 'Benchmark',
    permissions: ['orders:write'],
    activated: true,
  });
  for (let index = 0; index < webhooks; index += 1) {
    await operator.post(`${store}/webhooks`, { url: `${sinkUrl}/${key}/${index}`, events: ['order.create'] });
  }
  const authorization = `Basic ${Buffer.from(`${apiKey.key}:${apiKey.secret}`).toString('base64')}`;
  return { path: `${store}/events`, authorization };
}

interface Settled {
  readonly delivered: number;
  /** When the last one was recorded, by PostgreSQL's clock in milliseconds since 1970. */
  readonly lastRecordMs: number;
}

/** Waits until so many deliveries are on record as delivered, or patience ends. */
async function settled(storeKeys: readonly string[], expected: number, { system, stop }: Harness): Promise<Settled> {
  const lastMs = machineNowMs() + SETTLE_MS_MAX;
  for (;;) {
    const found = await countDelivered(system.sql, storeKeys);
    if (found.delivered >= expected || machineNowMs() > lastMs) return found;
    await delay(POLL_MS, undefined, { signal: stop });
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
