import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '@signpost/domain';
import { CHAOS_WEBHOOKS, type ChaosReceiver } from './chaos-receiver';
import type { ChaosSystem } from './chaos-system';
import { type Fault, RECOVERY_WAIT_MS, type Scene } from './fault';
import { type Blow, judgeTally, type Verdict } from './judge-tally';
import { lookAtState, unsettledParts } from './look-at-state';
import { MemoryWatch } from './memory-watch';
import { type LoadReport, SteadyLoad } from './steady-load';
import { Tally } from './tally';

export interface FaultRun {
  readonly system: ChaosSystem;
  readonly receiver: ChaosReceiver;
  /** How long the fault keeps striking; it strikes at least once. */
  readonly durationMs: number;
  readonly eventsPerSecond: number;
  readonly stop: AbortSignal;
}

/** What a fault did, and which promises it broke. */
export interface FaultResult extends Verdict, LoadReport {
  readonly name: string;
  readonly title: string;
  readonly times: number;
  readonly recoveryMsMax: number;
  /** From the end of the load until every state was settled. */
  readonly settleMs: number;
  /** The most that one process has grown in memory, in MB. */
  readonly memoryGrowthMb: number;
  /** What broke a promise, in plain sentences; none when all held. */
  readonly broken: readonly string[];
  /** Whether recovery took longer than {@link recoveryMsMax}. Unlike every other result, this depends on the speed of the machine. */
  readonly late: boolean;
}

/** How long the load goes on after the last recovery. */
const CALM_MS = 1_000;
const SETTLE_MS_MAX = 60_000;
const POLL_MS = 100;
/** During an outage, a process must not pile up what it cannot pass on. */
const MEMORY_GROWTH_MB_MAX = 250;

/** Publishes at a steady rate while the fault strikes, and compares what was accepted with what arrived and what is on record. */
export async function runFault(fault: Fault, run: FaultRun): Promise<FaultResult> {
  const { system, receiver, stop } = run;
  const storeKey = fault.name;
  const tally = new Tally(CHAOS_WEBHOOKS);
  const load = await openStore(storeKey, tally, run);
  const blows: Blow[] = [];
  const memory = new MemoryWatch(() => system.running);
  try {
    load.start();
    await fault.strike(sceneOf(run, { tally, storeKey, blows }));
    await delay(CALM_MS, undefined, { signal: stop });
  } catch (error) {
    await load.finish(0);
    throw error;
  } finally {
    await memory.finish();
  }
  const report = await load.finish(RECOVERY_WAIT_MS);
  const endedMs = performance.now();
  const unsettled = await settle(storeKey, tally, run);
  const settleMs = performance.now() - endedMs;
  const verdict = judgeTally(tally, blows);
  const memoryGrowthMb = await memory.finish();
  const { name, title, recoveryMsMax } = fault;
  const result = { name, title, times: blows.length, recoveryMsMax, settleMs, memoryGrowthMb, ...report, ...verdict };
  receiver.forget(storeKey);
  return {
    ...result,
    broken: [...brokenPromises(fault, result), ...tally.offences, ...unsettled, ...system.takeEnds()],
    late: verdict.recoveryMs > recoveryMsMax,
  };
}

function sceneOf(
  { system, receiver, durationMs, stop }: FaultRun,
  { tally, storeKey, blows }: { tally: Tally; storeKey: string; blows: Blow[] },
): Scene {
  const lastMs = performance.now() + durationMs;
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stop });
  return {
    system,
    receiver,
    tally,
    storeKey,
    blow: (blow) => blows.push(blow),
    offend: (sentence) => tally.offences.push(sentence),
    pause,
    recovered: async (acceptedByMs) => {
      const patienceEndsMs = performance.now() + RECOVERY_WAIT_MS;
      while (tally.owed(acceptedByMs) > 0 && performance.now() < patienceEndsMs) await pause(POLL_MS);
    },
    goesOn: () => performance.now() < lastMs,
  };
}

/** Makes a store for each fault, so that none is affected by what another one has left. */
async function openStore(key: string, tally: Tally, run: FaultRun): Promise<SteadyLoad> {
  const { system, receiver, eventsPerSecond, stop } = run;
  const store = `/api/v1/stores/${key}`;
  await system.operator.post('/api/v1/stores', { key, name: key });
  const apiKey = await system.operator.post<{ key: string; secret: string }>(`${store}/api-keys`, {
    description: 'Chaos',
    permissions: ['orders:write'],
    activated: true,
  });
  receiver.countFor({ store: key, secret: apiKey.secret, tally });
  for (const webhook of CHAOS_WEBHOOKS) {
    await system.operator.post(`${store}/webhooks`, { url: receiver.urlOf(key, webhook), events: ['order.create'] });
  }
  return new SteadyLoad({
    apiUrl: system.api.url,
    path: `${store}/events`,
    authorization: `Basic ${Buffer.from(`${apiKey.key}:${apiKey.secret}`).toString('base64')}`,
    perSecond: eventsPerSecond,
    tally,
    stop,
  });
}

/** Waits until everything has settled. @returns what has not settled when patience ends */
async function settle(storeKey: string, tally: Tally, { system, stop }: FaultRun): Promise<readonly string[]> {
  const lastMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const state = await lookAtState(system.postgres, storeKey);
    const workers = system.workers.length;
    const expected = { events: tally.acceptedCount, webhooks: CHAOS_WEBHOOKS.length, workers };
    const unsettled = unsettledParts(state, expected);
    if (unsettled.length === 0 || performance.now() > lastMs) return unsettled;
    await delay(POLL_MS, undefined, { signal: stop });
  }
}

type Measured = Omit<FaultResult, 'broken' | 'late'>;

function brokenPromises(fault: Fault, measured: Measured): readonly string[] {
  const { lost, duplicated, duplicatedMax, memoryGrowthMb } = measured;
  return [
    lost > 0 && `${lost} events were accepted and have not arrived.`,
    duplicated > duplicatedMax && `${duplicated} requests were made twice; ${duplicatedMax} were in flight.`,
    memoryGrowthMb > MEMORY_GROWTH_MB_MAX && `A process grew by ${Math.round(memoryGrowthMb)} MB.`,
    ...publishingBroken(fault, measured),
  ].filter((sentence) => sentence !== false);
}

function publishingBroken(fault: Fault, { refusals, breaks }: Measured): readonly string[] {
  const shown = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} × ${count}`)
      .join(', ');
  const refused = Object.keys(refusals).length > 0 && `Publishing was refused: ${shown(refusals)}.`;
  const broken = Object.keys(breaks).length > 0 && `Publishing got no answer: ${shown(breaks)}.`;
  switch (fault.publishing) {
    case 'goes on':
      return [refused, broken].filter((sentence) => sentence !== false);
    case 'may be refused':
      return [broken].filter((sentence) => sentence !== false);
    case 'may break off':
      return [refused].filter((sentence) => sentence !== false);
    case 'may break off or be refused':
      return [];
    default:
      return assertNever(fault.publishing);
  }
}
