import { type OperationalEventType, subscribableEntry } from '@signpost/domain';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type Answer, answerWith, type ReceivedRequest, TestReceiver } from '../support/test-receiver';
import { expectStatus, type NewApiKey, QUEUE_BACKENDS, type ShownDelivery, TestSystem } from '../support/test-system';

interface Shop {
  readonly store: string;
  readonly path: string;
  readonly apiKey: NewApiKey;
  /** Gets orders at /orders. */
  readonly webhookId: string;
}

interface ShownWebhook {
  readonly status: string;
  readonly disabledReason: string | null;
  readonly disabledAt: string | null;
  readonly disabledAdvice: string | null;
  readonly health: { readonly failingSince: string | null; readonly openUntil: string | null };
}

interface News {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

const ajv = new Ajv2020({ strict: true });
addFormats(ajv);

const isNews = ({ path }: ReceivedRequest): boolean => path === '/news';
const isOrder = ({ path }: ReceivedRequest): boolean => path === '/orders';

describe.each(QUEUE_BACKENDS)('the life of a webhook on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;
  let shops = 0;

  beforeAll(async () => {
    system = await TestSystem.start(backend, {
      SIGNPOST_RETRY_SCHEDULE: '0,100ms',
      SIGNPOST_SWEEP_INTERVAL: '200ms',
      SIGNPOST_BREAKER_THRESHOLD: '4',
    });
  });
  beforeEach(async () => {
    receiver = await TestReceiver.start();
  });
  afterEach(() => receiver.close());
  afterAll(() => system.stop());

  async function openShop(events: readonly string[] = ['order.create']): Promise<Shop> {
    const store = `${backend}-shop-${(shops += 1)}`;
    await system.createStore(store);
    const apiKey = await system.createApiKey(store);
    const { id: webhookId } = await system.createWebhook(store, `${receiver.url}/orders`, { events });
    return { store, path: `/api/v1/stores/${store}`, apiKey, webhookId };
  }

  function watch({ store }: Shop, event: OperationalEventType): Promise<{ id: string }> {
    return system.createWebhook(store, `${receiver.url}/news`, { events: [event] });
  }

  /** Answers orders so, and takes news. */
  function answerOrders(answer: Answer): void {
    receiver.answerWith((request, response, incoming) =>
      (isOrder(request) ? answer : answerWith(200))(request, response, incoming),
    );
  }

  async function publish({ store, apiKey }: Shop): Promise<string> {
    return (await system.publish(system.api.as(apiKey), store, '{}')).id;
  }

  async function only({ store }: Shop, eventId: string, status: string): Promise<ShownDelivery> {
    const [delivery] = await system.settled(store, eventId, (shown) => shown.status === status);
    if (delivery === undefined) throw new Error('There is no delivery.');
    return delivery;
  }

  function show({ path, webhookId }: Shop): Promise<ShownWebhook> {
    return expectStatus(200, system.api.operator.get<ShownWebhook>(`${path}/webhooks/${webhookId}`));
  }

  /** Asks again until it holds, at the latest when the test times out. */
  async function shownAs(shop: Shop, holds: (webhook: ShownWebhook) => boolean): Promise<ShownWebhook> {
    for (;;) {
      const webhook = await show(shop);
      if (holds(webhook)) return webhook;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function eventsOf({ path }: Shop, type: string): Promise<{ id: string }[]> {
    const list = system.api.operator.get<{ data: { id: string }[] }>(`${path}/events?type=${type}`);
    return (await expectStatus(200, list)).data;
  }

  /** The first news that came, which is as its schema says. */
  async function news(type: OperationalEventType): Promise<News> {
    const [request] = await receiver.received(1, isNews);
    const body = JSON.parse(request?.body ?? '') as News;
    expect(body.type).toBe(type);
    const validate = ajv.compile(subscribableEntry(type).schema);
    validate(body.data);
    expect(validate.errors).toBeNull();
    return body;
  }

  async function age({ store }: Shop, days: number): Promise<void> {
    await system.api.sql(
      `UPDATE gates SET failing_since = now() - $2 * interval '1 day' WHERE failing_since IS NOT NULL AND webhook_id IN
         (SELECT w.id FROM webhooks w JOIN stores s ON s.id = w.store_id WHERE s.key = $1)`,
      [store, days],
    );
  }

  it('ends when it has failed for days: it says why and since when, cancels what waits, and tells the others', async () => {
    const shop = await openShop();
    await watch(shop, 'webhook.disabled');
    answerOrders(answerWith(503, { 'retry-after': '3600' }));
    const eventId = await publish(shop);
    await only(shop, eventId, 'retrying');

    await age(shop, 6);

    const { data, timestamp } = await news('webhook.disabled');
    const webhook = await show(shop);
    const failingSince = String(data['failingSince']);
    expect(webhook).toMatchObject({ status: 'disabled', disabledAt: expect.any(String) });
    expect(webhook.disabledReason).toBe(
      `It had failed without one success since ${failingSince}. The last error: The endpoint answered 503 Service Unavailable.`,
    );
    expect(Date.now() - Date.parse(failingSince)).toBeGreaterThan(5.9 * 86_400_000);
    expect(data).toEqual({
      webhookId: shop.webhookId,
      url: `${receiver.url}/orders`,
      reason: 'failing',
      message: webhook.disabledReason,
      failingSince,
      disabledAt: webhook.disabledAt,
    });
    expect(timestamp).toBe(webhook.disabledAt);
    expect(await only(shop, eventId, 'canceled')).toMatchObject({ lastErrorCode: 'webhook_disabled' });
    const log = await expectStatus(200, system.api.operator.get<{ data: object[] }>(`${shop.path}/audit-log`));
    expect(log.data[0]).toMatchObject({
      action: 'webhook.disabled',
      actor: { kind: 'system', id: null },
      object: { kind: 'webhook', id: shop.webhookId },
      changes: { before: { enabled: true }, after: { enabled: false, disabledReason: webhook.disabledReason } },
    });
  });

  it('begins anew when it is enabled again, and what was canceled can be recovered', async () => {
    const shop = await openShop();
    answerOrders(answerWith(503, { 'retry-after': '3600' }));
    const eventId = await publish(shop);
    await only(shop, eventId, 'retrying');
    await age(shop, 6);
    await only(shop, eventId, 'canceled');
    answerOrders(answerWith(200));

    const path = `${shop.path}/webhooks/${shop.webhookId}`;
    await expectStatus(200, system.api.operator.patch(path, { enabled: true }));

    expect(await show(shop)).toMatchObject({
      status: expect.not.stringMatching('disabled'),
      disabledReason: null,
      disabledAt: null,
      health: { failingSince: null, openUntil: null },
    });
    const since = new Date(Date.now() - 3_600_000).toISOString();
    await expectStatus(202, system.api.operator.post(`${path}/recover`, { since }));
    await only(shop, eventId, 'delivered');
  });

  it('is failing only since its last success', async () => {
    const shop = await openShop();
    answerOrders(answerWith(500));
    await only(shop, await publish(shop), 'failed');
    await age(shop, 4);
    answerOrders(answerWith(200));
    await only(shop, await publish(shop), 'delivered');
    expect((await show(shop)).health.failingSince).toBeNull();
    answerOrders(answerWith(500));

    await only(shop, await publish(shop), 'failed');

    const { failingSince } = (await show(shop)).health;
    expect(Date.now() - Date.parse(failingSince ?? '')).toBeLessThan(60_000);
  });

  it('ends at a 410, and the others are told', async () => {
    const shop = await openShop();
    await watch(shop, 'webhook.disabled');
    answerOrders(answerWith(410));
    await publish(shop);

    const { data } = await news('webhook.disabled');

    const webhook = await show(shop);
    expect(data).toMatchObject({ webhookId: shop.webhookId, reason: 'gone', disabledAt: webhook.disabledAt });
    expect(data['message']).toBe('The endpoint answered 410 Gone: it wants no more events.');
    expect(webhook.disabledReason).toBe(data['message']);
    expect(await eventsOf(shop, 'delivery.exhausted')).toEqual([]);
  });

  it('says how to have sent again what it missed, and that brings all of it', async () => {
    const shop = await openShop();
    answerOrders(answerWith(503, { 'retry-after': '3600' }));
    const waiting = await publish(shop);
    await only(shop, waiting, 'retrying');
    answerOrders(answerWith(410));
    const refused = await publish(shop);
    await only(shop, refused, 'failed');
    await only(shop, waiting, 'canceled');
    const missed = await publish(shop);
    await only(shop, missed, 'canceled');
    const { disabledAdvice } = await show(shop);
    answerOrders(answerWith(200));

    const path = `${shop.path}/webhooks/${shop.webhookId}`;
    const [enable, recover] = disabledAdvice?.match(/\{.+?\}/g) ?? [];
    await expectStatus(200, system.api.operator.patch(path, enable));
    await expectStatus(202, system.api.operator.post(`${path}/recover`, recover));

    await Promise.all([waiting, refused, missed].map((eventId) => only(shop, eventId, 'delivered')));
    expect((await show(shop)).disabledAdvice).toBeNull();
  });

  it('tells of a delivery whose schedule has ended', async () => {
    const shop = await openShop();
    await watch(shop, 'delivery.exhausted');
    answerOrders(answerWith(500));
    const eventId = await publish(shop);

    const { data } = await news('delivery.exhausted');

    const delivery = await only(shop, eventId, 'failed');
    expect(data).toEqual({
      webhookId: shop.webhookId,
      url: `${receiver.url}/orders`,
      deliveryId: delivery.id,
      eventId,
      eventType: 'order.create',
      attempts: 2,
      errorCode: 'http_error',
      message: 'The endpoint answered 500 Internal Server Error.',
      failedAt: expect.any(String),
    });
  });

  it('tells nobody where nobody asked: nothing is published', async () => {
    const shop = await openShop();
    answerOrders(answerWith(500));

    await only(shop, await publish(shop), 'failed');

    expect(await eventsOf(shop, 'delivery.exhausted')).toEqual([]);
  });

  it('tells when an endpoint that had been failing delivers again', async () => {
    const shop = await openShop();
    await watch(shop, 'webhook.recovered');
    answerOrders(answerWith(500));
    await Promise.all([publish(shop), publish(shop), publish(shop)]);
    const { health } = await shownAs(shop, (webhook) => webhook.health.openUntil !== null);
    answerOrders(answerWith(200));
    await publish(shop);

    const { data } = await news('webhook.recovered');

    expect(data).toEqual({
      webhookId: shop.webhookId,
      url: `${receiver.url}/orders`,
      failingSince: health.failingSince,
      recoveredAt: expect.any(String),
    });
    expect((await show(shop)).health).toMatchObject({ openUntil: null, failingSince: null });
    expect(await eventsOf(shop, 'webhook.recovered')).toHaveLength(1);
  });

  it('is told once of its own failed delivery, and no news of that news follows: there is no endless loop', async () => {
    const shop = await openShop(['order.create', 'delivery.exhausted', 'webhook.recovered']);
    answerOrders(answerWith(500));
    await only(shop, await publish(shop), 'failed');
    const [told] = await eventsOf(shop, 'delivery.exhausted');

    // What a failed delivery causes is written with its failure: after this, nothing more can come of it.
    await only(shop, told?.id ?? '', 'failed');

    expect(await eventsOf(shop, 'delivery.exhausted')).toHaveLength(1);
    expect(await system.api.sql('SELECT FROM outbox WHERE event_type <> $1', ['order.create'])).toEqual([]);
  });

  it('is not told that it recovered by the very news of that', async () => {
    const shop = await openShop(['delivery.exhausted', 'webhook.recovered']);
    const failing = await system.createWebhook(shop.store, `${receiver.url}/broken`);
    receiver.answerWith(answerWith(500));
    await system.api.sql(
      'UPDATE gates SET failures = 3, failing_since = now() WHERE webhook_id IN (SELECT id FROM webhooks WHERE url = $1)',
      [`${receiver.url}/orders`],
    );
    await only(shop, await publish(shop), 'failed');
    await shownAs(shop, ({ health }) => health.openUntil !== null);
    receiver.answerWith(answerWith(200));

    await shownAs(shop, ({ health }) => health.openUntil === null);

    expect(failing.id).not.toBe(shop.webhookId);
    expect(await eventsOf(shop, 'webhook.recovered')).toEqual([]);
  });
});
