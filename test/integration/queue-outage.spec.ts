import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { migrateQueue, QUEUE_NAMES, type QueueBackendOptions } from '@signpost/queue';
import { type RunningRedis, startRedis } from '../../apps/cli/src/services/redis-server';
import { eventually } from '../support/eventually';
import { newBatchId, newWebhookId, ONE_OF_EACH, openQueueApp, type QueueApp } from '../support/queue-app';
import { privateQueue, withPostgres, withRedis } from '../support/queue-store';
import { SeverableProxy } from '../support/severable-proxy';

const DATABASE_URL = process.env['TEST_DATABASE_URL'] ?? '';
const UNAVAILABLE = { code: 'unavailable', retryAfterSeconds: 2 };
/** BullMQ has Redis wait so long for a job that is due later, before it asks again. */
const LONGEST_WAIT_MS = 10_000;

const apps: QueueApp[] = [];
const open = async (backend: QueueBackendOptions): Promise<QueueApp> => {
  const app = await openQueueApp(backend);
  apps.push(app);
  return app;
};
const addBatch = ({ queue }: QueueApp) => queue.addBatches([{ batchId: newBatchId(), eventType: 'order.create' }]);

afterEach(async () => {
  await Promise.all(apps.splice(0).map(({ context }) => context.close()));
});

describe('a queue whose Redis fails', () => {
  let dir: string;
  let redis: RunningRedis;
  let backend: QueueBackendOptions;

  const restart = async (): Promise<void> => {
    redis = await startRedis({ dir, env: process.env, port: redis.port });
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signpost-queue-outage-'));
    redis = await startRedis({ dir, env: process.env });
    backend = privateQueue('redis', { redis: redis.url, database: DATABASE_URL });
  });

  afterEach(async () => {
    await redis.kill9();
    await rm(dir, { recursive: true, force: true });
  });

  /** Jobs are refused once `fail` is done, and go on with the schedule, by themselves, once `mend` is. */
  const expectToGoOn = async (fail: () => Promise<void>, mend: () => Promise<void> = async () => {}): Promise<void> => {
    const app = await open(backend);
    const { queue, workers, log } = app;
    workers.start(ONE_OF_EACH);
    await addBatch(app);
    await queue.ensureSweep(200);
    await log.until(() => log.of('events').length === 1 && log.of('sweep').length > 0);
    await fail();
    await expect(addBatch(app)).rejects.toMatchObject(UNAVAILABLE);
    await mend();
    await eventually(() => addBatch(app));
    const swept = log.of('sweep').length;
    await queue.ensureSweep(200);
    await log.until(() => log.of('events').length > 1 && log.of('sweep').length > swept + 1);
  };

  it('goes on with jobs and schedule when Redis was killed and came back empty', async () => {
    await expectToGoOn(() => redis.kill9(), restart);
  });

  it('goes on with jobs and schedule after FLUSHALL, also with those that were in work', async () => {
    const app = await open(backend);
    const { queue, workers, log } = app;
    log.work = async (job) => {
      if (job.queue === 'events') await withRedis(redis.url, (client) => client.flushall());
    };
    workers.start(ONE_OF_EACH);
    await queue.ensureSweep(200);
    await log.until(() => log.of('sweep').length > 0);
    await addBatch(app);
    // The job in work cannot be completed any more: it is gone.
    await log.until(() => log.faults.length > 0);
    log.work = async () => {};
    const swept = log.of('sweep').length;
    await addBatch(app);
    await queue.ensureSweep(200);
    await log.until(() => log.of('events').length === 2 && log.of('sweep').length > swept + 1);
  });

  it('refuses at once while Redis is away, and keeps nothing in memory for later', async () => {
    const app = await open(backend);
    await redis.kill9();
    await expect(addBatch(app)).rejects.toMatchObject(UNAVAILABLE);
    const before = heapBytes();
    for (let i = 0; i < 20_000; i += 1) await addBatch(app).catch(() => undefined);
    expect(heapBytes() - before).toBeLessThan(2 * 1024 * 1024);
    await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    await expect(app.queue.counts()).rejects.toMatchObject(UNAVAILABLE);
    await restart();
    await eventually(() => addBatch(app));
    expect((await app.queue.counts()).events.waiting).toBe(1);
  });

  it('gives up on a Redis that accepts commands and answers none', async () => {
    const app = await open(backend);
    process.kill(redis.pid, 'SIGSTOP');
    const calls = Array.from({ length: 3_000 }, () => addBatch(app));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    process.kill(redis.pid, 'SIGCONT');
    await eventually(() => app.queue.ping());
  });

  it('is not filled by batches that nobody takes, but takes those that the sweep brings', async () => {
    const app = await open(backend);
    const waiting = async () => (await app.queue.counts()).events.waiting;
    const ids = Array.from({ length: 10_000 }, (_, index) => `job-${index}`);
    await withRedis(redis.url, (client) => client.lpush(`${backend.redisPrefix}:events:wait`, ...ids));
    // The first ones may go before anybody has looked.
    await eventually(async () => {
      const before = await waiting();
      await addBatch(app);
      expect(await waiting()).toBe(before);
    });
    const before = await waiting();
    const [batch, bulk] = [newBatchId(), newBatchId()];
    await app.queue.addBatches([{ batchId: batch, eventType: 'order.create' }], { stranded: true });
    expect(await waiting()).toBe(before + 1);
    await app.queue.addBatches([{ batchId: bulk, eventType: 'order.create', bulk: true }]);
    expect((await app.queue.counts()).bulk.waiting).toBe(1);
  });

  describe('in a failover behind one address', () => {
    let proxy: SeverableProxy;
    let otherDir: string;
    let other: RunningRedis;

    beforeEach(async () => {
      otherDir = await mkdtemp(join(tmpdir(), 'signpost-queue-failover-'));
      other = await startRedis({ dir: otherDir, env: process.env });
      proxy = await SeverableProxy.before(redis.url);
      backend = privateQueue('redis', { redis: proxy.url, database: DATABASE_URL });
    });

    afterEach(async () => {
      await proxy.cut();
      await other.kill9();
      await rm(otherDir, { recursive: true, force: true });
    });

    /** The address leads to the other one from now on. Connections to the old one stand, and it refuses what writes. */
    const failOver = async (): Promise<void> => {
      proxy.leadTo(other.url);
      await withRedis(redis.url, (client) => client.replicaof('127.0.0.1', other.port));
    };

    it('goes on with jobs and schedule in the new master', async () => {
      await expectToGoOn(failOver);
    });

    it('is ready again only once jobs can be added', async () => {
      const app = await open(backend);
      await failOver();
      await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
      await eventually(() => app.queue.ping());
      await addBatch(app);
      expect((await app.queue.counts()).events.waiting).toBe(1);
    });
  });

  describe('by a way on which everything is lost silently for a while', () => {
    let proxy: SeverableProxy;

    beforeEach(async () => {
      proxy = await SeverableProxy.before(redis.url);
      backend = privateQueue('redis', { redis: proxy.url, database: DATABASE_URL });
    });

    afterEach(() => proxy.cut());

    it('takes jobs again as soon as new connections come through', async () => {
      const app = await open(backend);
      const { workers, log } = app;
      workers.start(ONE_OF_EACH);
      await addBatch(app);
      await log.until(() => log.of('events').length === 1);
      proxy.hang();
      await expect(addBatch(app)).rejects.toMatchObject(UNAVAILABLE);
      await proxy.mend();
      await eventually(() => addBatch(app));
      await log.until(() => log.of('events').length > 1);
    });

    it('is not ready before the connection by which jobs are taken answers', async () => {
      const app = await open(backend);
      const { queue, workers, log } = app;
      workers.start(ONE_OF_EACH);
      await eventually(() => queue.ping());
      proxy.hang();
      await proxy.mend();
      await eventually(() => queue.ping());
      // Workers give a silent server longer than producers do: theirs is given up last.
      const message = expect.stringMatching(/Socket timeout.* 5000ms/) as string;
      expect(log.faults).toContainEqual(
        expect.objectContaining({ error: expect.objectContaining({ message }) as Error }),
      );
    });

    it('takes nobody for silent who has nothing to say, for as long as a worker ever waits for a job', async () => {
      const app = await open(backend);
      const { queue, workers, log } = app;
      workers.start(ONE_OF_EACH);
      await eventually(() => queue.ping());
      const connections = proxy.accepted;
      await queue.addWakes([{ webhookId: newWebhookId(), delayMs: LONGEST_WAIT_MS + 1_000 }]);
      await log.until(() => log.of('wakes').length === 1);
      expect(proxy.accepted).toBe(connections);
      expect(log.faults).toEqual([]);
    });
  });

  it('starts without Redis, says so, and works when Redis comes', async () => {
    await redis.kill9();
    const app = await open(backend);
    app.workers.start(ONE_OF_EACH);
    await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    expect(app.log.faults).toContainEqual(expect.objectContaining({ kind: 'backend' }));
    await restart();
    await eventually(() => addBatch(app));
    await app.log.until(() => app.log.of('events').length > 0);
  });

  it('ends while Redis is away, with jobs in work', async () => {
    const app = await openQueueApp(backend, 500);
    let took = false;
    app.log.work = () => {
      took = true;
      return new Promise(() => {});
    };
    app.workers.start(ONE_OF_EACH);
    await addBatch(app);
    await app.log.until(() => took);
    await redis.kill9();
    await app.context.close();
  });
});

describe('a queue whose PostgreSQL ends its connections', () => {
  const backend = privateQueue('postgres', { redis: '', database: DATABASE_URL });

  beforeAll(() => migrateQueue(backend.databaseUrl, backend.databaseSchema));

  it('goes on with jobs of all queues', async () => {
    const app = await open(backend);
    const { queue, workers, log } = app;
    workers.start(ONE_OF_EACH);
    await queue.ensureSweep(200);
    await addBatch(app);
    await log.until(() => log.of('events').length === 1 && log.of('sweep').length > 0);
    await withPostgres(DATABASE_URL, (client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'signpost-queue' AND datname = current_database()`,
      ),
    );
    const swept = log.of('sweep').length;
    // The first call may be the one that finds its connection ended.
    await eventually(() => addBatch(app));
    await log.until(() => log.of('events').length > 1 && log.of('sweep').length > swept + 1);
    expect(Object.keys(await queue.counts()).sort()).toEqual([...QUEUE_NAMES].sort());
  });
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
