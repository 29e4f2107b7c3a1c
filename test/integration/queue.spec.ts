import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { migrateQueue, QUEUE_NAMES, type QueueBackendOptions } from '@signpost/queue';
import { eventually } from '../support/eventually';
import {
  newBatchId,
  newDeliveryId,
  newGate,
  newRecoveryId,
  newWebhookId,
  ONE_OF_EACH,
  openQueueApp,
  type QueueApp,
} from '../support/queue-app';
import { emptyQueue, everythingKept, privateQueue } from '../support/queue-store';
import { RedisCluster } from '../support/redis-cluster';

const URLS = { database: process.env['TEST_DATABASE_URL'] ?? '', redis: process.env['TEST_REDIS_URL'] ?? '' };
const ORDER_CREATE = 'order.create';

describe.each(['redis', 'cluster', 'postgres'] as const)('the job queue on %s', (kind) => {
  let cluster: RedisCluster | null = null;
  let backend: QueueBackendOptions;
  const apps: QueueApp[] = [];
  const children: ChildProcess[] = [];

  const open = async (graceMs?: number): Promise<QueueApp> => {
    const app = await openQueueApp(backend, graceMs);
    apps.push(app);
    return app;
  };

  const newBatches = (count: number) =>
    Array.from({ length: count }, () => ({ batchId: newBatchId(), eventType: ORDER_CREATE }) as const);

  beforeAll(async () => {
    if (kind === 'cluster') cluster = await RedisCluster.start();
    backend = privateQueue(kind, { ...URLS, redis: cluster?.url ?? URLS.redis });
    await migrateQueue(backend.databaseUrl, backend.databaseSchema);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(apps.splice(0).map(({ context }) => context.close()));
    await emptyQueue(backend);
  });

  afterAll(async () => {
    await cluster?.end();
  });

  it('hands each kind of job with its ids to the processor of its queue', async () => {
    const { queue, workers, log } = await open();
    const ids = { batchId: newBatchId(), webhookId: newWebhookId(), deliveryId: newDeliveryId() };
    const bulkId = newBatchId();
    const retriedId = newDeliveryId();
    const recoveryId = newRecoveryId();
    workers.start(ONE_OF_EACH);
    await queue.addBatches([
      { batchId: ids.batchId, eventType: ORDER_CREATE },
      { batchId: bulkId, eventType: ORDER_CREATE, bulk: true },
    ]);
    await queue.addWakes([{ webhookId: ids.webhookId, delayMs: 0 }]);
    await queue.addTest(ids.deliveryId);
    await queue.addRetry(retriedId);
    await queue.addRecovery(recoveryId);
    await queue.ensureSweep(500);
    await log.until(() => QUEUE_NAMES.every((name) => log.of(name).length > 0));
    expect(log.of('events')).toMatchObject([{ name: ORDER_CREATE, data: { batchId: ids.batchId } }]);
    expect(log.of('bulk')).toMatchObject([{ name: ORDER_CREATE, data: { batchId: bulkId } }]);
    expect(log.of('wakes')).toMatchObject([{ name: 'wake', data: { webhookId: ids.webhookId } }]);
    expect(log.of('tests')).toMatchObject([{ name: 'test', data: { deliveryId: ids.deliveryId } }]);
    expect(log.of('retries')).toMatchObject([{ name: 'retry', data: { deliveryId: retriedId } }]);
    expect(log.of('recoveries')).toMatchObject([{ name: 'recovery', data: { recoveryId } }]);
    expect(log.of('sweep')[0]).toMatchObject({ name: 'sweep', data: {} });
  });

  it('takes bulk in the order in which it is due, and now what nobody knows that of', async () => {
    const { queue, workers, log } = await open();
    const [late, unknown, next, last] = [newBatchId(), newBatchId(), newBatchId(), newBatchId()];
    const nowMs = Date.now();
    for (const [batchId, dueAtMs] of [
      [last, nowMs + 9_000],
      [next, nowMs + 5_000],
      [unknown],
      [late, nowMs - 9_000],
    ] as const) {
      await queue.addBatches([{ batchId, eventType: ORDER_CREATE, bulk: true, dueAtMs }]);
    }
    expect((await queue.counts()).bulk).toEqual({ waiting: 4, active: 0, delayed: 0 });
    workers.start(ONE_OF_EACH);
    await log.until(() => log.of('bulk').length === 4);
    expect(log.of('bulk').map(({ data }) => data)).toEqual([late, unknown, next, last].map((batchId) => ({ batchId })));
  });

  it.each([1, 50])('keeps one job of a batch however often it is added, %i at a time', async (size) => {
    const { queue } = await open();
    const batches = newBatches(size);
    await Promise.all([queue.addBatches(batches), queue.addBatches(batches.toReversed())]);
    expect((await queue.counts()).events).toEqual({ waiting: size, active: 0, delayed: 0 });
  });

  it('keeps one job for all wakes of a webhook that are due together, and one for each other webhook', async () => {
    const { queue } = await open();
    const webhookId = newWebhookId();
    const wakes = Array.from({ length: 20 }, () => ({ webhookId, delayMs: 3_600_000 }));
    await queue.addWakes([...wakes, { webhookId: newWebhookId(), delayMs: 3_600_000 }]);
    expect((await queue.counts()).wakes).toEqual({ waiting: 0, active: 0, delayed: 2 });
  });

  it('does not double a deduplicated wake while it waits, and takes it again once it has run', async () => {
    const { queue, workers, log } = await open();
    const wakes = [{ webhookId: newWebhookId(), delayMs: 0 }];
    await queue.addWakes(wakes, { deduplicate: true });
    await queue.addWakes(wakes, { deduplicate: true });
    expect((await queue.counts()).wakes.waiting).toBe(1);
    workers.start(ONE_OF_EACH);
    await log.until(() => log.of('wakes').length === 1);
    await workers.stop(5_000);
    await queue.addWakes(wakes, { deduplicate: true });
    expect((await queue.counts()).wakes.waiting).toBe(1);
  });

  it('runs a job again whose processor threw, and keeps nothing of what it threw', async () => {
    const { queue, workers, log } = await open();
    let kept: Promise<string> | undefined;
    log.work = async () => {
      if (log.taken.length === 1) throw new Error('whsec_TopSecret of jane@example.com');
      kept = everythingKept(backend);
      await kept;
    };
    const batchId = newBatchId();
    workers.start(ONE_OF_EACH);
    await queue.addBatches([{ batchId, eventType: ORDER_CREATE }]);
    await log.until(() => log.taken.length === 2);
    expect(log.faults).toMatchObject([
      { kind: 'job_failed', queue: 'events', jobId: batchId, final: false, error: { message: /whsec_TopSecret/ } },
    ]);
    expect(await kept).toContain(batchId);
    expect(await kept).not.toMatch(/TopSecret|jane/);
  });

  it('takes a job again that has failed for good', async () => {
    const { queue, workers, log } = await open();
    log.work = async () => {
      throw new Error('broken');
    };
    const deliveryId = newDeliveryId();
    workers.start(ONE_OF_EACH);
    for (const round of [1, 2]) {
      await queue.addTest(deliveryId);
      await log.until(() => log.faults.length === round);
      expect(log.faults.at(-1)).toMatchObject({ kind: 'job_failed', final: true });
    }
    expect(log.of('tests')).toHaveLength(2);
  });

  it('works on no more jobs at once than it was told', async () => {
    const { queue, workers, log } = await open();
    const gate = newGate();
    log.work = () => gate.opened;
    await queue.addBatches(newBatches(6));
    workers.start({ ...ONE_OF_EACH, events: 2 });
    await log.until(() => log.taken.length === 2);
    expect((await queue.counts()).events).toEqual({ waiting: 4, active: 2, delayed: 0 });
    gate.open();
    await log.until(() => log.taken.length === 6);
  });

  it('closes its workers before the connections of the application, after the jobs in work', async () => {
    const { queue, workers, log, context } = await open();
    const gate = newGate();
    let ended = false;
    log.work = async () => {
      await gate.opened;
      // A job in work still needs the queue, as it does the database.
      await queue.addWakes([{ webhookId: newWebhookId(), delayMs: 60_000 }]);
      ended = true;
    };
    workers.start(ONE_OF_EACH);
    await queue.addBatches(newBatches(3));
    await log.until(() => log.taken.length === 1);
    const closed = context.close();
    gate.open();
    await closed;
    expect(ended).toBe(true);
    expect(log.taken).toHaveLength(1);
    expect((await (await open()).queue.counts()).events.waiting).toBe(2);
  });

  it('gives up jobs that outlast the grace period, and another worker runs them', async () => {
    const first = await open();
    first.log.work = () => newGate().opened;
    const [batch] = newBatches(1);
    first.workers.start(ONE_OF_EACH);
    await first.queue.addBatches([batch!]);
    await first.log.until(() => first.log.taken.length === 1);
    expect(await first.workers.stop(100)).toEqual(['events']);
    const second = await open();
    second.workers.start(ONE_OF_EACH);
    // Whoever looks for stalled jobs tells of one once it is there to be taken: it may have been taken by then.
    await second.log.until(() => second.log.of('events').length === 1 && second.log.faults.length > 0);
    expect(second.log.of('events')).toMatchObject([{ id: batch!.batchId }]);
    expect(second.log.faults).toContainEqual({ kind: 'job_stalled', queue: 'events', jobId: batch!.batchId });
  });

  it('brings back the job of a worker process that was killed', async () => {
    const { queue, workers, log } = await open();
    const [batch] = newBatches(1);
    await queue.addBatches([batch!]);
    const child = forkHangingWorker(JSON.stringify(backend));
    children.push(child);
    const [taken] = (await once(child, 'message')) as [string];
    expect(taken).toBe(batch!.batchId);
    child.kill('SIGKILL');
    await once(child, 'exit');
    workers.start(ONE_OF_EACH);
    await log.until(() => log.of('events').length === 1);
    expect(log.of('events')).toMatchObject([{ id: batch!.batchId }]);
  });

  it('sweeps again and again on one schedule, however often and by however many it was asked for', async () => {
    const [one, two] = [await open(), await open()];
    await Promise.all([one.queue.ensureSweep(200), two.queue.ensureSweep(200)]);
    for (const { queue } of [one, two, one]) await queue.ensureSweep(200);
    for (const { workers } of [one, two]) workers.start(ONE_OF_EACH);
    const sweeps = () => [...one.log.of('sweep'), ...two.log.of('sweep')];
    await Promise.race([one, two].map(({ log }) => log.until(() => sweeps().length >= 6)));
    const runs = sweeps().map(({ id }) => id ?? '');
    // A run's id holds the time that it is due at: no run comes twice, and all are on the one grid.
    expect(new Set(runs).size).toBe(runs.length);
    expect(runs.map((id) => Number(id.split(':').at(-1)) % 200)).toEqual(runs.map(() => 1));
  });

  it('takes up the sweep again when its queue was emptied', async () => {
    const { queue, workers, log } = await open();
    workers.start(ONE_OF_EACH);
    await queue.ensureSweep(200);
    await log.until(() => log.of('sweep').length > 0);
    await emptyQueue(backend);
    const before = log.of('sweep').length;
    await queue.ensureSweep(200);
    await log.until(() => log.of('sweep').length === before + 3);
  });

  it('sweeps on when a clock is set back by which the next sweep was scheduled', async () => {
    const { queue, workers, log } = await open();
    const nowMs = Date.now();
    workers.start(ONE_OF_EACH);
    const ahead = jest.spyOn(Date, 'now').mockReturnValue(nowMs + 3_600_000);
    await queue.ensureSweep(200);
    ahead.mockRestore();
    await queue.ensureSweep(200);
    await log.until(() => log.of('sweep').length === 3);
  });

  it('is settled when every job is there that was being added', async () => {
    const { queue } = await open();
    const adding = queue.addBatches(newBatches(3));
    await queue.settled();
    expect((await queue.counts()).events.waiting).toBe(3);
    await adding;
  });

  it('answers a ping as soon as it is connected', async () => {
    const { queue } = await open();
    await eventually(() => queue.ping());
    await expect(queue.ping()).resolves.toBeUndefined();
  });
});

it('says that the tables are missing when it starts without them', async () => {
  const backend = privateQueue('postgres', URLS);
  await expect(openQueueApp(backend)).rejects.toMatchObject({
    code: 'bad_configuration',
    publicMessage: expect.stringContaining('signpost migrate'),
  });
});

/** A worker process that takes a job of `events`, tells its id, and never ends it. */
function forkHangingWorker(backend: string): ChildProcess {
  return fork(join(__dirname, '../support/hanging-worker.ts'), [backend], {
    execArgv: ['-r', 'esbuild-register'],
  });
}
