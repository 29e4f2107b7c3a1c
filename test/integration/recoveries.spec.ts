import { decodeId } from '@signpost/domain';
import { Client } from 'pg';
import { LogRows } from '../support/log-rows';
import { RecoveryRunner } from '../support/recovery-runner';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { expectStatus, type NewApiKey, QUEUE_BACKENDS, TestSystem } from '../support/test-system';

interface Recovery {
  readonly id: string;
  readonly state: string;
  readonly webhookId: string | null;
  readonly matched: number;
  readonly requeued: number;
  readonly skipped: number;
  readonly progress: number;
  readonly finishedAt: string | null;
}

interface Shop {
  readonly store: string;
  readonly path: string;
  readonly apiKey: NewApiKey;
  readonly webhookId: string;
  readonly rows: LogRows;
}

const HOUR_MS = 3_600_000;

describe.each(QUEUE_BACKENDS)('recovering on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;
  let runner: RecoveryRunner;
  let shops = 0;

  beforeAll(async () => {
    system = await TestSystem.start(backend, {
      SIGNPOST_RETRY_SCHEDULE: '0,100ms',
      SIGNPOST_SWEEP_INTERVAL: '200ms',
      SIGNPOST_BREAKER_THRESHOLD: '1000',
    });
    runner = await RecoveryRunner.open(system.api);
  });
  beforeEach(async () => {
    receiver = await TestReceiver.start();
  });
  afterEach(() => receiver.close());
  afterAll(async () => {
    await runner.close();
    await system.stop();
  });

  async function openShop(): Promise<Shop> {
    const store = `${backend}-shop-${(shops += 1)}`;
    await system.createStore(store);
    const apiKey = await system.createApiKey(store);
    const { id: webhookId } = await system.createWebhook(store, receiver.url);
    const [row] = await system.api.sql<{ id: string }>('SELECT id FROM stores WHERE key = $1', [store]);
    const place = { storeId: row?.id, webhookId: decodeId('webhook', webhookId) };
    return {
      store,
      path: `/api/v1/stores/${store}`,
      apiKey,
      webhookId,
      rows: new LogRows(system.api, place as ConstructorParameters<typeof LogRows>[1]),
    };
  }

  async function publish({ store, apiKey }: Shop, status: string): Promise<string> {
    const { id } = await system.publish(system.api.as(apiKey), store, '{}');
    await system.settled(store, id, (delivery) => delivery.status === status);
    return id;
  }

  function enable({ path, webhookId }: Shop, enabled: boolean): Promise<unknown> {
    return expectStatus(200, system.api.operator.patch(`${path}/webhooks/${webhookId}`, { enabled }));
  }

  function recover({ path, webhookId }: Shop, body: object = {}): Promise<Recovery> {
    const since = new Date(Date.now() - HOUR_MS).toISOString();
    const request = { since, ...body };
    return expectStatus(202, system.api.operator.post<Recovery>(`${path}/webhooks/${webhookId}/recover`, request));
  }

  function show({ path }: Shop, { id }: { id: string }): Promise<Recovery> {
    return expectStatus(200, system.api.operator.get<Recovery>(`${path}/recoveries/${id}`));
  }

  /** Asks again until it holds, at the latest when the test times out. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async function finished(shop: Shop, recovery: { id: string }): Promise<Recovery> {
    await until(async () => (await show(shop, recovery)).state !== 'running');
    return show(shop, recovery);
  }

  /** Waits until nothing is owed any more, and tells how often each event was sent. */
  async function sent({ rows }: Shop): Promise<Map<string, number>> {
    await until(() => rows.nothingOwed());
    const counts = new Map<string, number>();
    for (const { headers } of receiver.requests) {
      const id = String(headers['webhook-id']);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }

  const once = (events: readonly string[]): Map<string, number> => new Map(events.map((id) => [id, 1]));

  it('sends again, once and with the same webhook-id, what failed or was canceled in the window, and nothing else', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500));
    const failed = await publish(shop, 'failed');
    await enable(shop, false);
    const canceled = await publish(shop, 'canceled');
    await enable(shop, true);
    receiver.answerWith(answerWith(200));
    await publish(shop, 'delivered');
    const nowMs = Date.now();
    await shop.rows.failures(2, nowMs - 2 * HOUR_MS);
    const before = receiver.requests.length;

    const recovery = await finished(shop, await recover(shop));

    expect(recovery).toMatchObject({ state: 'done', webhookId: shop.webhookId, matched: 2, requeued: 2, skipped: 0 });
    expect(recovery).toMatchObject({ progress: 1, finishedAt: expect.any(String) });
    await sent(shop);
    const resent = receiver.requests.slice(before).map(({ headers }) => headers['webhook-id']);
    expect(resent).toHaveLength(2);
    expect(new Set(resent)).toEqual(new Set([failed, canceled]));
    const [delivery] = await system.deliveriesOf(shop.store, failed);
    const shown = await system.delivery(shop.store, delivery?.id ?? '');
    expect(shown).toMatchObject({ status: 'delivered', trigger: 'recovery' });
    expect(shown.attempts?.map(({ trigger }) => trigger)).toEqual(['schedule', 'schedule', 'recovery']);
    expect(await finished(shop, await recover(shop))).toMatchObject({ matched: 0, requeued: 0 });
  });

  it('brings forward what is to be retried, once the endpoint is well again', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(503, { 'retry-after': '3600' }));
    const eventId = await publish(shop, 'retrying');
    receiver.answerWith(answerWith(200));

    const retried = system.api.operator.post<Recovery>(`${shop.path}/deliveries/retry`, {
      filter: { status: 'retrying', webhookId: shop.webhookId },
    });

    expect(await finished(shop, await expectStatus(202, retried))).toMatchObject({ matched: 1, requeued: 1 });
    expect(await sent(shop)).toEqual(new Map([[eventId, 2]]));
  });

  it('goes through the whole schedule again', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500));
    const event = await publish(shop, 'failed');
    await recover(shop);
    await receiver.received(4);
    await system.settled(shop.store, event, ({ status }) => status === 'failed');
    expect(receiver.requests).toHaveLength(4);
  });

  it('leaves what was delivered, and does not arrive again, failed, also after one more attempt by hand', async () => {
    const shop = await openShop();
    const event = await publish(shop, 'delivered');
    receiver.answerWith(answerWith(500));
    await recover(shop, { statuses: ['delivered'] });
    const [failed] = await system.settled(shop.store, event, ({ status }) => status === 'failed');

    await expectStatus(202, system.api.operator.post(`${shop.path}/deliveries/${failed?.id}/retry`));
    await receiver.received(4);
    await until(() => shop.rows.nothingOwed());

    expect(await system.deliveriesOf(shop.store, event)).toMatchObject([{ status: 'failed', deliveredAt: null }]);
  });

  it('goes on where a stopped worker left it, also when the queue has forgotten it, and tells how far it is', async () => {
    const shop = await openShop();
    await system.stopWorker();
    const events = await shop.rows.failures(40, Date.now() - HOUR_MS / 2);
    const recovery = await recover(shop);
    expect(recovery).toMatchObject({ state: 'running', requeued: 0, progress: 0, finishedAt: null });
    await runner.run(recovery.id, { requeuedMax: 7, stepsMax: 3 });
    const halfway = await show(shop, recovery);
    expect(halfway).toMatchObject({ state: 'running', requeued: 21 });
    expect(halfway.progress).toBeGreaterThan(0);
    expect(halfway.progress).toBeLessThan(1);
    await system.emptyQueue();
    await system.api.sql(`UPDATE recoveries SET updated_at = now() - interval '1 minute'`);

    await system.startWorker();

    expect(await finished(shop, recovery)).toMatchObject({ state: 'done', requeued: 40, progress: 1 });
    expect(await sent(shop)).toEqual(once(events));
  });

  it('repeats nothing and leaves nothing out when its connection is lost in the middle of a step', async () => {
    const shop = await openShop();
    const events = await shop.rows.failures(600, Date.now() - HOUR_MS / 2);
    const holder = new Client({ connectionString: system.api.database.url });
    await holder.connect();
    await holder.query('BEGIN');
    // The second step of the worker waits for this one.
    await holder.query('SELECT FROM deliveries WHERE event_id = $1 FOR UPDATE', [decodeId('event', events[550] ?? '')]);
    const recovery = await recover(shop);
    const blocked = `SELECT pid FROM pg_stat_activity WHERE application_name = 'signpost-worker' AND wait_event_type = 'Lock'
      AND query LIKE '%requeued%' AND datname = current_database()`;
    await until(async () => (await system.api.sql(blocked)).length > 0);

    await system.api.sql(`SELECT pg_terminate_backend(pid) FROM (${blocked}) AS b`);
    await until(async () => (await system.api.sql(blocked)).length > 0);
    expect(await show(shop, recovery)).toMatchObject({ state: 'running', requeued: 500 });
    await holder.query('ROLLBACK');
    await holder.end();

    expect(await finished(shop, recovery)).toMatchObject({ state: 'done', requeued: 600 });
    expect(await sent(shop)).toEqual(once(events));
  });

  it('sends nothing twice when workers run it beside each other', async () => {
    const shop = await openShop();
    const events = await shop.rows.failures(60, Date.now() - HOUR_MS / 2);
    const recovery = await recover(shop);
    const runs = await Promise.all([3, 4, 5].map((requeuedMax) => runner.run(recovery.id, { requeuedMax })));
    expect(await finished(shop, recovery)).toMatchObject({ requeued: 60 });
    expect(runs.flat().reduce((sum, { requeued }) => sum + requeued, 0)).toBeLessThanOrEqual(60);
    expect(await sent(shop)).toEqual(once(events));
  });

  it('sends nothing twice when it is asked for twice, whatever has become of it in the meantime', async () => {
    const shop = await openShop();
    await system.stopWorker();
    const events = await shop.rows.failures(30, Date.now() - HOUR_MS / 2);
    const statuses = ['failed', 'delivered'];
    const [first, second] = [await recover(shop, { statuses }), await recover(shop, { statuses })];
    await runner.run(first.id, { requeuedMax: 10, stepsMax: 2 });
    await system.startWorker();
    expect((await finished(shop, first)).requeued + (await finished(shop, second)).requeued).toBe(30);
    expect(await sent(shop)).toEqual(once(events));
  });
});
