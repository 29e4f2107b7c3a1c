import { tmpdir } from 'node:os';
import { StopSignals } from '../up/stop-signals';
import type { BareLoopResult, BareLoopTask } from './bare-loop-process';
import { HelperProcess } from './helper-process';
import { describeMachine, type Machine } from './machine';
import { type Harness, runScenario, type ScenarioResult } from './run-scenario';
import type { Scenario } from './scenario';
import type { SinkQuestion } from './sink-process';
import { type BenchBackend, SystemUnderTest } from './system-under-test';

export interface BenchOptions {
  readonly backends: readonly BenchBackend[];
  readonly scenarios: readonly Scenario[];
  /** Replaces the time of every scenario, and bounds everything else; null leaves all as it is. */
  readonly durationMs: number | null;
  /** Where API and worker write CPU profiles, if they are to. */
  readonly profileDirectory: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** Hears what is being done. */
  readonly progress: (line: string) => void;
}

/** The figures of one queue backend. */
export interface BackendReport {
  readonly backend: BenchBackend;
  /** `PostgreSQL 18.4`, `Redis 7.0.15` */
  readonly versions: readonly string[];
  /** What the bare loop reached before and after the scenarios, in requests per second. */
  readonly bareLoop: { readonly before: number; readonly after: number; readonly mean: number };
  readonly scenarios: readonly ScenarioResult[];
  /** Warnings and errors that API and worker have logged. */
  readonly complaints: readonly string[];
}

/** One run of the benchmark. */
export interface BenchReport {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly backends: readonly BackendReport[];
}

const BARE_LOOP: Omit<BareLoopTask, 'url'> = {
  dataBytes: 1_024,
  concurrency: 32,
  warmUpMs: 1_500,
  durationMs: 4_000,
};

/**
 * Measures each backend with a system of its own. Everything runs on this machine, reaches nothing but 127.0.0.1, and has ended
 * when this returns or throws, also after Ctrl-C.
 *
 * @returns null when it was stopped by a signal
 * @throws whatever kept a part from running
 */
export async function runBench(options: BenchOptions): Promise<BenchReport | null> {
  const signals = new StopSignals();
  try {
    const machine = await describeMachine(tmpdir());
    const startedAt = new Date().toISOString();
    const backends: BackendReport[] = [];
    for (const backend of options.backends) backends.push(await measureBackend(backend, options, signals.stop));
    return { startedAt, machine, backends };
  } catch (error) {
    // What a signal interrupts fails in many ways.
    if (signals.stop.aborted) return null;
    throw error;
  } finally {
    signals.dispose();
  }
}

async function measureBackend(backend: BenchBackend, options: BenchOptions, stop: AbortSignal): Promise<BackendReport> {
  const { env, profileDirectory, durationMs, progress } = options;
  progress(`${backend}: starting PostgreSQL, ${backend === 'redis' ? 'Redis, ' : ''}API and worker`);
  const system = await SystemUnderTest.start({ backend, env, profileDirectory, stop });
  const helpers: HelperProcess[] = [];
  const start = (name: string, script: string): HelperProcess => {
    const helper = HelperProcess.start({ name, script, env, stop });
    helpers.push(helper);
    return helper;
  };
  try {
    const sink = start('sink', require.resolve('./sink-process'));
    const load = start('load generator', require.resolve('./load-process'));
    const bareLoop = start('bare loop', require.resolve('./bare-loop-process'));
    const sinkUrl = await sink.ask<string>({ kind: 'open' } satisfies SinkQuestion);
    const harness: Harness = { system, sink, sinkUrl, load, stop };
    progress(`${backend}: the bare loop`);
    const before = await runBareLoop(bareLoop, durationMs, harness);
    const scenarios: ScenarioResult[] = [];
    for (const scenario of options.scenarios) {
      progress(`${backend}: ${scenario.title}`);
      scenarios.push(await runScenario(shortened(scenario, durationMs), harness));
    }
    progress(`${backend}: the bare loop once more`);
    const after = await runBareLoop(bareLoop, durationMs, harness);
    const rates = { before, after, mean: (before + after) / 2 };
    return { backend, versions: system.versions, bareLoop: rates, scenarios, complaints: await system.complaints() };
  } finally {
    for (const helper of helpers) helper.kill();
    await system.close();
  }
}

function shortened(scenario: Scenario, durationMs: number | null): Scenario {
  if (durationMs === null) return scenario;
  return { ...scenario, durationMs, warmUpMs: Math.min(scenario.warmUpMs, durationMs) };
}

/** @returns requests per second */
async function runBareLoop(bareLoop: HelperProcess, durationMs: number | null, harness: Harness): Promise<number> {
  const { sink, sinkUrl } = harness;
  const task = { ...BARE_LOOP, durationMs: Math.min(BARE_LOOP.durationMs, durationMs ?? BARE_LOOP.durationMs) };
  const { requests, seconds } = await bareLoop.ask<BareLoopResult>({ ...task, url: sinkUrl });
  await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
  return requests / seconds;
}
