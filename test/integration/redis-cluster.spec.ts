import { QUEUE_NAMES, queueBackendOptions } from '@signpost/queue';
import { once } from 'node:events';
import { openRedisClient } from '../../libs/queue/src/redis-client';
import { eventually } from '../support/eventually';
import { newBatchId, newWebhookId, ONE_OF_EACH, openQueueApp, type QueueApp } from '../support/queue-app';
import { RedisCluster } from '../support/redis-cluster';
import { TestReceiver } from '../support/test-receiver';
import { TestSystem } from '../support/test-system';

const PATIENT = { maxRetriesPerRequest: null, retryStrategy: () => 100 };
const UNAVAILABLE = { code: 'unavailable' };

/** One that is refused may have been added all the same: after a second try there may be more jobs than were meant. */
const addBatches = ({ queue }: QueueApp, count: number) =>
  queue.addBatches(
    Array.from({ length: count }, () => ({ batchId: newBatchId(), eventType: 'order.create' }) as const),
  );

describe('a queue in a Redis Cluster', () => {
  const apps: QueueApp[] = [];
  let cluster: RedisCluster;

  const backend = (url = cluster.url) => queueBackendOptions({ url, isCluster: true }, '', 2);
  const open = async (url?: string): Promise<QueueApp> => {
    const app = await openQueueApp(backend(url));
    apps.push(app);
    return app;
  };

  beforeEach(async () => {
    cluster = await RedisCluster.start();
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map(({ context }) => context.close()));
    await cluster.end();
  });

  it('keeps everything in one slot, and so on one master', async () => {
    const app = await open();
    await app.queue.ensureSweep(60_000);
    await app.queue.addWakes([{ webhookId: newWebhookId(), delayMs: 60_000 }]);
    await addBatches(app, 20);
    const keys = await cluster.ask((node) => node.keys('*'));
    expect(keys.filter((ofNode) => ofNode.length > 0)).toHaveLength(1);
    expect(keys.flat().filter((key) => !key.startsWith('{signpost}:'))).toEqual([]);
  });

  it('refuses at once while the cluster is away, and goes on with jobs and schedule when it is back, empty', async () => {
    const app = await open();
    const { queue, workers, log } = app;
    workers.start(ONE_OF_EACH);
    await queue.ensureSweep(200);
    await addBatches(app, 1);
    await log.until(() => log.of('events').length === 1 && log.of('sweep').length > 0);
    await cluster.strikeDown();
    await expect(addBatches(app, 1)).rejects.toMatchObject(UNAVAILABLE);
    await expect(queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    await expect(queue.counts()).rejects.toMatchObject(UNAVAILABLE);
    await cluster.rise();
    await eventually(() => addBatches(app, 20));
    const swept = log.of('sweep').length;
    await queue.ensureSweep(200);
    await log.until(() => log.of('events').length > 20 && log.of('sweep').length > swept + 1);
    await eventually(() => queue.ping());
  });

  it('gives up on servers that accept commands and answer none', async () => {
    const app = await open();
    app.workers.start(ONE_OF_EACH);
    await addBatches(app, 1);
    await app.log.until(() => app.log.of('events').length === 1);
    cluster.signal('SIGSTOP');
    await expect(addBatches(app, 1)).rejects.toMatchObject(UNAVAILABLE);
    await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    cluster.signal('SIGCONT');
    const before = app.log.of('events').length;
    await eventually(() => addBatches(app, 1));
    await app.log.until(() => app.log.of('events').length > before);
    await eventually(() => app.queue.ping());
  });

  it('follows its slot to another master, with the jobs that wait there', async () => {
    const app = await open();
    const { queue, workers, log } = app;
    workers.start({ ...ONE_OF_EACH, events: 1 });
    await addBatches(app, 1);
    await log.until(() => log.of('events').length === 1);
    await queue.addWakes([{ webhookId: newWebhookId(), delayMs: 1_000 }]);
    await cluster.moveSlotOf('{signpost}');
    await eventually(() => addBatches(app, 20));
    await log.until(() => log.of('events').length > 20 && log.of('wakes').length === 1);
    expect(Object.keys(await queue.counts()).sort()).toEqual([...QUEUE_NAMES].sort());
  });

  it('starts without the cluster, says so, and works when it comes', async () => {
    await cluster.strikeDown();
    const app = await open();
    app.workers.start(ONE_OF_EACH);
    await expect(app.queue.ping()).rejects.toMatchObject(UNAVAILABLE);
    expect(app.log.faults).toContainEqual(expect.objectContaining({ kind: 'backend' }));
    await cluster.rise();
    await eventually(() => addBatches(app, 1));
    await app.log.until(() => app.log.of('events').length > 0);
  });

  it('lets whoever waits for a connection go on that is made while the cluster is not whole, as in a failover', async () => {
    const client = openRedisClient({ url: cluster.url, isCluster: true }, PATIENT, () => undefined);
    await once(client, 'ready');
    client.disconnect();
    await once(client, 'end');
    await cluster.setWhole(false);
    const connecting = client.connect();
    // Whichever the client makes of it.
    await Promise.race([connecting, new Promise<void>((resolve) => client.once('reconnecting', resolve))]);
    await cluster.setWhole(true);
    await connecting;
    expect(await client.exists('{signpost}')).toBe(0);
    client.disconnect();
  });

  it('ends while the cluster is away, with jobs in work', async () => {
    const app = await openQueueApp(backend(), 500);
    let took = false;
    app.log.work = () => {
      took = true;
      return new Promise(() => {});
    };
    app.workers.start(ONE_OF_EACH);
    await addBatches(app, 1);
    await app.log.until(() => took);
    await cluster.strikeDown();
    await app.context.close();
  });

  it('signs in at every node as the user of the URL', async () => {
    await cluster.ask((node) => node.call('ACL', 'SETUSER', 'queue', 'on', '>p@ss', '~*', '&*', '+@all'));
    await cluster.ask((node) => node.call('ACL', 'SETUSER', 'default', 'off'));
    const url = new URL(cluster.url);
    Object.assign(url, { username: 'queue', password: 'p@ss' });
    const app = await open(url.href);
    app.workers.start(ONE_OF_EACH);
    await addBatches(app, 20);
    await app.log.until(() => app.log.of('events').length === 20);
  });

  it('carries an event from the API to a webhook', async () => {
    const system = await TestSystem.start('redis', { REDIS_URL: cluster.url, SIGNPOST_REDIS_CLUSTER: 'true' });
    const receiver = await TestReceiver.start();
    await system.createStore('shop');
    const apiKey = await system.createApiKey('shop');
    await system.createWebhook('shop', receiver.url);
    const event = await system.publish(system.api.as(apiKey), 'shop', '{}');
    const [request] = await receiver.received(1);
    expect(request?.headers['webhook-id']).toBe(event.id);
    await system.settled('shop', event.id);
    await system.stop();
    await receiver.close();
  });
});
