import { tmpdir } from 'node:os';
import { StopSignals } from '../stop-signals';
import type { Findings } from './findings';
import { HelperProcess } from './helper-process';
import { describeMachine, type Machine } from './machine';
import type { SinkQuestion } from './sink-process';
import type { Suite } from './suite';
import { type BenchBackend, SystemUnderTest } from './system-under-test';

export interface BenchOptions {
  readonly backends: readonly BenchBackend[];
  readonly suites: readonly Suite[];
  /** Replaces the time of every scenario, and bounds everything else; null leaves all as it is. */
  readonly durationMs: number | null;
  /** Where API and worker write CPU profiles, if they are to. */
  readonly profileDirectory: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** Hears what is being done. */
  readonly progress: (line: string) => void;
}

/** What was found with one queue. */
export interface BackendReport {
  readonly backend: BenchBackend;
  /** `PostgreSQL 18.4`, `Redis 7.0.15` */
  readonly versions: readonly string[];
  readonly findings: Findings;
  /** Warnings and errors that API and worker have logged. */
  readonly complaints: readonly string[];
}

/** What one suite found. */
export interface SuiteReport {
  readonly name: string;
  readonly title: string;
  readonly backends: readonly BackendReport[];
}

/** One run of the benchmark. */
export interface BenchReport {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly suites: readonly SuiteReport[];
}

/**
 * Runs each suite on each backend, with a system of its own. Everything runs on this machine, reaches nothing but 127.0.0.1, and has
 * ended when this returns or throws, also after Ctrl-C.
 *
 * @returns null when it was stopped by a signal
 * @throws whatever kept a part from running
 */
export async function runBench(options: BenchOptions): Promise<BenchReport | null> {
  const signals = new StopSignals();
  try {
    const machine = await describeMachine(tmpdir());
    const startedAt = new Date().toISOString();
    const suites: SuiteReport[] = [];
    for (const suite of options.suites) {
      const backends: BackendReport[] = [];
      for (const backend of options.backends) backends.push(await runSuite(suite, backend, options, signals.stop));
      suites.push({ name: suite.name, title: suite.title, backends });
    }
    return { startedAt, machine, suites };
  } catch (error) {
    // After a signal, the interrupted work fails in one way or another.
    if (signals.stop.aborted) return null;
    throw error;
  } finally {
    signals.dispose();
  }
}

async function runSuite(
  suite: Suite,
  backend: BenchBackend,
  options: BenchOptions,
  stop: AbortSignal,
): Promise<BackendReport> {
  const { env, profileDirectory, durationMs } = options;
  const progress = (line: string): void => options.progress(`${backend}: ${line}`);
  progress(`starting PostgreSQL, ${backend === 'redis' ? 'Redis, ' : ''}API and worker`);
  const system = await SystemUnderTest.start({ backend, env, profileDirectory, stop });
  const helpers: HelperProcess[] = [];
  const start = (name: 'sink' | 'load' | 'bare-loop'): HelperProcess => {
    const script = require.resolve(`./${name}-process`);
    const helper = HelperProcess.start({ name: name.replace('-', ' '), script, env, stop });
    helpers.push(helper);
    return helper;
  };
  try {
    const [sink, load] = [start('sink'), start('load')];
    const sinkUrl = await sink.ask<string>({ kind: 'open' } satisfies SinkQuestion);
    const findings = await suite.measure({ backend, system, sink, sinkUrl, load, start, durationMs, progress, stop });
    const complaints = (await system.complaints()).filter((line) => suite.expectedLog?.test(line) !== true);
    return { backend, versions: system.versions, findings, complaints };
  } finally {
    for (const helper of helpers) helper.kill();
    await system.close();
  }
}
