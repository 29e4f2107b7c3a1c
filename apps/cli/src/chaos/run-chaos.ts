import { StopSignals } from '../stop-signals';
import { ChaosReceiver } from './chaos-receiver';
import { ChaosSystem } from './chaos-system';
import type { Fault } from './fault';
import type { ChaosBackend } from './queue-under-test';
import { type FaultResult, runFault } from './run-fault';

export interface ChaosOptions {
  readonly backends: readonly ChaosBackend[];
  readonly faults: readonly Fault[];
  /** How long each fault keeps striking; it strikes at least once. */
  readonly durationMs: number;
  readonly eventsPerSecond: number;
  /** Where the logs of API and workers are kept; null: nowhere. */
  readonly logDirectory: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** Hears what is being done. */
  readonly progress: (line: string) => void;
}

export interface BackendChaos {
  readonly backend: ChaosBackend;
  readonly faults: readonly FaultResult[];
}

/** The results of all faults, for each queue. */
export interface ChaosReport {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly backends: readonly BackendChaos[];
}

/**
 * Runs the faults against a system of its own per backend. Everything runs on this machine, reaches nothing but 127.0.0.1, and has
 * ended when this returns or throws, also after Ctrl-C.
 *
 * @returns `stopped` when a signal asked for the end
 * @throws whatever kept a part from running
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport | 'stopped'> {
  const signals = new StopSignals();
  try {
    const startedAt = new Date().toISOString();
    const backends: BackendChaos[] = [];
    for (const backend of options.backends) backends.push(await strikeBackend(backend, options, signals.stop));
    return { startedAt, backends };
  } catch (error) {
    if (signals.stop.aborted) return 'stopped';
    throw error;
  } finally {
    signals.dispose();
  }
}

async function strikeBackend(backend: ChaosBackend, options: ChaosOptions, stop: AbortSignal): Promise<BackendChaos> {
  const { env, logDirectory, durationMs, eventsPerSecond, progress } = options;
  progress(`${backend}: starting PostgreSQL, ${backend === 'redis' ? 'Redis, ' : ''}API and worker`);
  const receiver = await ChaosReceiver.start();
  const system = await ChaosSystem.start({ backend, env, logDirectory, stop }).catch(async (error: unknown) => {
    await receiver.close();
    throw error;
  });
  try {
    await system.startWorker();
    const faults: FaultResult[] = [];
    for (const fault of options.faults.filter(({ backends }) => backends.includes(backend))) {
      progress(`${backend}: ${fault.title}`);
      const result = await runFault(fault, { system, receiver, durationMs, eventsPerSecond, stop });
      faults.push(result);
      await system.keepOneWorker();
    }
    return { backend, faults };
  } finally {
    await system.close();
    await receiver.close();
  }
}
