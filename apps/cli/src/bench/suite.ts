import type { Findings } from './findings';
import type { HelperProcess } from './helper-process';
import type { BenchBackend, SystemUnderTest } from './system-under-test';

/** What a suite measures with: a system that was started for it, and helper processes. All of it ends with the suite. */
export interface Stage {
  readonly backend: BenchBackend;
  readonly system: SystemUnderTest;
  /** The receiver of the deliveries that the figures are about. */
  readonly sink: HelperProcess;
  /** Where the sink listens, without a slash at the end. */
  readonly sinkUrl: string;
  readonly load: HelperProcess;
  /** Starts another helper. */
  start(name: 'sink' | 'load' | 'bare-loop'): HelperProcess;
  /** Replaces the time of every scenario, and bounds everything else; null leaves all as it is. */
  readonly durationMs: number | null;
  /** Hears what is being done. */
  readonly progress: (line: string) => void;
  readonly stop: AbortSignal;
}

/** Measurements that belong together and are reported together: `signpost bench <name>`. */
export interface Suite {
  readonly name: string;
  /** As `help` and the report call it. */
  readonly title: string;
  measure(stage: Stage): Promise<Findings>;
  /** Log lines that the suite is expected to cause in API and worker. */
  readonly expectedLog?: RegExp;
}
