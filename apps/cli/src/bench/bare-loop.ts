import type { BareLoopResult, BareLoopTask } from './bare-loop-process';
import type { HelperProcess } from './helper-process';
import type { SinkQuestion } from './sink-process';
import type { Stage } from './suite';

/** What the bare loop reached just before something was measured, and just after it, in requests per second. */
export interface BareLoopRates {
  readonly before: number;
  readonly after: number;
  readonly mean: number;
}

const TASK: Omit<BareLoopTask, 'url'> = { dataBytes: 1_024, concurrency: 32, warmUpMs: 1_500, durationMs: 4_000 };

/** The yardstick. It runs right before and right after each measurement, because the speed of the machine changes from minute to minute. */
export class BareLoop {
  private readonly process: HelperProcess;

  constructor(private readonly stage: Stage) {
    this.process = stage.start('bare-loop');
  }

  async around<T>(measure: () => Promise<T>): Promise<{ measured: T; bareLoop: BareLoopRates }> {
    const before = await this.run();
    const measured = await measure();
    const after = await this.run();
    return { measured, bareLoop: { before, after, mean: (before + after) / 2 } };
  }

  /** @returns requests per second */
  private async run(): Promise<number> {
    const { sink, sinkUrl, durationMs } = this.stage;
    const atMost = (ms: number): number => Math.min(ms, durationMs ?? ms);
    const task = { ...TASK, warmUpMs: atMost(TASK.warmUpMs), durationMs: atMost(TASK.durationMs) };
    const { requests, seconds } = await this.process.ask<BareLoopResult>({
      ...task,
      url: sinkUrl,
    } satisfies BareLoopTask);
    await sink.ask<undefined>({ kind: 'forget' } satisfies SinkQuestion);
    return requests / seconds;
  }
}
