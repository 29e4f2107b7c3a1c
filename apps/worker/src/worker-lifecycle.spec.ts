import type { DeliveryWorker } from '@signpost/delivery';
import type { BullJobQueue, JobWorkers } from '@signpost/queue';
import type { PartitionKeeper } from './partition-keeper';
import { WorkerLifecycle } from './worker-lifecycle';

const GRACE_MS = 20_000;

/** A part of a worker that needs a time to end, and takes no longer than it is given. */
function part(needsMs: number) {
  return {
    start: jest.fn(() => Promise.resolve()),
    stop: jest.fn((graceMs: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(graceMs, needsMs)))),
  };
}

/** @returns how long it takes all of them to end, in milliseconds */
async function timeToStop(parts: Record<'jobs' | 'worker' | 'partitions', ReturnType<typeof part>>): Promise<number> {
  const lifecycle = new WorkerLifecycle(
    parts.worker as unknown as DeliveryWorker,
    parts.jobs as unknown as JobWorkers,
    { ensureSweep: () => Promise.resolve() } as unknown as BullJobQueue,
    parts.partitions as unknown as PartitionKeeper,
    { sweepIntervalMs: 1_000, graceMs: GRACE_MS },
    () => undefined,
  );
  await lifecycle.start();
  const startedMs = Date.now();
  const tookMs = lifecycle.beforeApplicationShutdown().then(() => Date.now() - startedMs);
  await jest.advanceTimersByTimeAsync(10 * GRACE_MS);
  return tookMs;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the end of a worker', () => {
  it('takes no longer than one grace period, though each of its parts would', async () => {
    const parts = { jobs: part(Infinity), worker: part(Infinity), partitions: part(Infinity) };
    expect(await timeToStop(parts)).toBe(GRACE_MS);
  });

  it('takes as long as the part that takes longest', async () => {
    expect(await timeToStop({ jobs: part(100), worker: part(700), partitions: part(300) })).toBe(700);
  });

  it('tells the deliveries when the last job has ended', async () => {
    const parts = { jobs: part(100), worker: part(0), partitions: part(0) };
    await timeToStop(parts);
    expect(parts.worker.stop).toHaveBeenCalledWith(GRACE_MS, parts.jobs.stop.mock.results[0]?.value);
  });
});
