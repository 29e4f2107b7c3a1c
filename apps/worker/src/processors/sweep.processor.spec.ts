import type { FailingWebhooks, Recovery, Sweep, SweepReport } from '@signpost/delivery';
import type { JobOf } from '@signpost/queue';
import type { WorkerObserver } from '../worker-observer';
import { SweepProcessor } from './sweep.processor';

const PARTS = ['sweep', 'failing', 'recovery'] as const;

describe('a sweep of the worker', () => {
  it.each(PARTS)('does everything else when its part %s fails, and fails', async (failing) => {
    const done: string[] = [];
    const part = async <T>(name: (typeof PARTS)[number], result: T): Promise<T> => {
      if (name === failing) throw new Error(name);
      done.push(name);
      return result;
    };
    const report: SweepReport = { batches: 0, freed: 0, webhooks: 0, tests: 0, idempotencyKeys: 0 };
    const told: string[] = [];
    const observer = {
      swept: () => told.push('sweep'),
      disabled: () => told.push('failing'),
      recoveriesResumed: () => told.push('recovery'),
    };
    const processor = new SweepProcessor(
      { run: () => part('sweep', report) } as unknown as Sweep,
      { disable: () => part('failing', []) } as unknown as FailingWebhooks,
      { resumeStalled: () => part('recovery', 0) } as unknown as Recovery,
      observer as unknown as WorkerObserver,
    );

    await expect(processor.process({} as JobOf<'sweep'>)).rejects.toThrow();

    const others = PARTS.filter((name) => name !== failing);
    expect([done, told]).toEqual([others, others]);
  });
});
