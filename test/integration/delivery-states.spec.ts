import type { ServerResponse } from 'node:http';
import { decodeId } from '@signpost/domain';
import { Webhook } from 'standardwebhooks';
import { passExpiry } from '../support/pass-expiry';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { expectStatus, QUEUE_BACKENDS, TestSystem } from '../support/test-system';

const A_SENTENCE: unknown = expect.stringMatching(/^[A-Z].*\.$/);

interface Shop {
  readonly store: string;
  readonly apiKey: { id: string; key: string; secret: string };
  readonly webhookId: string;
}

describe.each(QUEUE_BACKENDS)('the state of a delivery on the %s queue', (backend) => {
  let system: TestSystem;
  let receiver: TestReceiver;
  let shops = 0;

  beforeAll(async () => {
    system = await TestSystem.start(backend, {
      SIGNPOST_RETRY_SCHEDULE: '0,400ms,800ms',
      SIGNPOST_ATTEMPT_TIMEOUT: '1s',
    });
  });
  beforeEach(async () => {
    receiver = await TestReceiver.start();
  });
  afterEach(async () => {
    await receiver.close();
  });
  afterAll(async () => {
    await system.stop();
  });

  async function openShop(more: Record<string, unknown> = {}): Promise<Shop> {
    const store = `${backend}-shop-${(shops += 1)}`;
    await system.createStore(store);
    const apiKey = await system.createApiKey(store);
    const { id: webhookId } = await system.createWebhook(store, receiver.url, more);
    return { store, apiKey, webhookId };
  }

  function publish({ store, apiKey }: Shop, data = '{}'): Promise<{ id: string }> {
    return system.publish(system.api.as(apiKey), store, data);
  }

  async function only(shop: Shop, eventId: string, status: string): Promise<string> {
    const [delivery] = await system.settled(shop.store, eventId, (shown) => shown.status === status);
    return delivery?.id ?? '';
  }

  it('is canceled when the webhook is deleted while it waits for its next attempt', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500, { 'retry-after': '3600' }));
    const event = await publish(shop);
    await only(shop, event.id, 'retrying');

    await expectStatus(204, system.api.operator.delete(`/api/v1/stores/${shop.store}/webhooks/${shop.webhookId}`));

    await only(shop, event.id, 'canceled');
    expect(receiver.requests).toHaveLength(1);
  });

  it('is canceled, not lost from sight, when the event comes while the webhook is disabled', async () => {
    const shop = await openShop();
    const path = `/api/v1/stores/${shop.store}/webhooks/${shop.webhookId}`;
    await expectStatus(200, system.api.operator.patch(path, { enabled: false }));

    const event = await publish(shop);

    await only(shop, event.id, 'canceled');
    expect(receiver.requests).toHaveLength(0);
  });

  it('is held while the signing key is deactivated, and goes when it is active again', async () => {
    const shop = await openShop();
    const other = await system.createApiKey(shop.store);
    const keyPath = `/api/v1/stores/${shop.store}/api-keys/${shop.apiKey.id}`;
    await expectStatus(200, system.api.operator.patch(keyPath, { activated: false }));
    const event = await publish({ ...shop, apiKey: other });
    await only(shop, event.id, 'held');
    expect(receiver.requests).toHaveLength(0);

    await expectStatus(200, system.api.operator.patch(keyPath, { activated: true }));

    await only(shop, event.id, 'delivered');
  });

  it('is no longer held once the signing key is active again, and waits for its next attempt as before', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500, { 'retry-after': '3600' }));
    const event = await publish(shop);
    await only(shop, event.id, 'retrying');
    const keyPath = `/api/v1/stores/${shop.store}/api-keys/${shop.apiKey.id}`;
    await expectStatus(200, system.api.operator.patch(keyPath, { activated: false }));
    await only(shop, event.id, 'held');

    await expectStatus(200, system.api.operator.patch(keyPath, { activated: true }));

    await only(shop, event.id, 'retrying');
    expect(receiver.requests).toHaveLength(1);
  });

  /** By another key of the store. */
  async function publishWhileSignerIsExpired() {
    const shop = await openShop();
    const other = await system.createApiKey(shop.store);
    const keyPath = `/api/v1/stores/${shop.store}/api-keys/${shop.apiKey.id}`;
    await passExpiry(system.api, shop.apiKey);
    const event = await publish({ ...shop, apiKey: other });
    await only(shop, event.id, 'held');
    return { shop, keyPath, event };
  }

  it('is held once the signing key has expired, and goes when the key is given more time', async () => {
    const { shop, keyPath, event } = await publishWhileSignerIsExpired();
    expect(receiver.requests).toHaveLength(0);

    await expectStatus(200, system.api.operator.patch(keyPath, { expiresAt: null }));

    await only(shop, event.id, 'delivered');
  });

  it('is no longer held once its expired signing key is given more time, also where it has to wait', async () => {
    const { shop, keyPath, event } = await publishWhileSignerIsExpired();
    await system.api.sql(
      `UPDATE gates SET failures = 10, openings = 1, open_until = now() + interval '1 hour' WHERE webhook_id = $1`,
      [decodeId('webhook', shop.webhookId)],
    );

    await expectStatus(200, system.api.operator.patch(keyPath, { expiresAt: null }));

    await only(shop, event.id, 'queued');
    expect(receiver.requests).toHaveLength(0);
  });

  it('is held when the key was deleted with force, and is signed by the key that is assigned then', async () => {
    const shop = await openShop();
    const other = await system.createApiKey(shop.store);
    const path = `/api/v1/stores/${shop.store}`;
    await expectStatus(409, system.api.operator.delete(`${path}/api-keys/${shop.apiKey.id}`));
    await expectStatus(204, system.api.operator.delete(`${path}/api-keys/${shop.apiKey.id}?force=true`));
    const event = await publish({ ...shop, apiKey: other });
    await only(shop, event.id, 'held');

    await expectStatus(200, system.api.operator.patch(`${path}/webhooks/${shop.webhookId}`, { apiKeyId: other.id }));

    const [request] = await receiver.received(1);
    const headers = request?.headers as Record<string, string>;
    expect(() => new Webhook(other.secret).verify(request?.body ?? '', headers)).not.toThrow();
    await only(shop, event.id, 'delivered');
  });

  it('fails at once on 410, which disables the webhook and says why', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(410));
    const event = await publish(shop);

    await only(shop, event.id, 'failed');

    const path = `/api/v1/stores/${shop.store}/webhooks/${shop.webhookId}`;
    expect(await expectStatus(200, system.api.operator.get(path))).toMatchObject({
      status: 'disabled',
      enabled: false,
      disabledReason: expect.stringContaining('410'),
      disabledAt: expect.any(String),
    });
  });

  it.each([
    ['429 with seconds', 429, () => '3600'],
    ['503 with a date', 503, () => new Date(Date.now() + 3_600_000).toUTCString()],
  ])('waits as long as Retry-After asks for: %s', async (_name, status, retryAfter) => {
    const shop = await openShop();
    receiver.answerWith((request, response, incoming) =>
      answerWith(status, { 'retry-after': retryAfter() })(request, response, incoming),
    );
    const event = await publish(shop);

    const delivery = await system.delivery(shop.store, await only(shop, event.id, 'retrying'));

    const waitMs = Date.parse(delivery.nextAttemptAt ?? '') - Date.now();
    expect(waitMs).toBeGreaterThan(3_500_000);
    expect(waitMs).toBeLessThan(3_600_000 * 1.3);
  });

  it.each([
    ['a redirect', answerWith(302, { location: 'http://127.0.0.1:1/' }), 'redirect_refused'],
    ['no answer', (): void => undefined, 'headers_timeout'],
    [
      'a body that never ends',
      (_request: unknown, response: ServerResponse): void => void response.writeHead(200).write('a'),
      'body_timeout',
    ],
  ] as const)('is retried after %s, and says so in a code and a sentence', async (_name, answer, code) => {
    const shop = await openShop();
    receiver.answerWith(answer);
    const event = await publish(shop);

    const delivery = await system.delivery(shop.store, await only(shop, event.id, 'failed'));

    expect(delivery.attempts).toHaveLength(3);
    expect(delivery.attempts?.at(-1)?.error).toEqual({ code, message: A_SENTENCE, hint: A_SENTENCE });
  });

  it('keeps its schedule when a manual attempt beside it fails', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500, { 'retry-after': '3600' }));
    const event = await publish(shop);
    const id = await only(shop, event.id, 'retrying');
    const planned = (await system.delivery(shop.store, id)).nextAttemptAt;

    await expectStatus(202, system.api.operator.post(`/api/v1/stores/${shop.store}/deliveries/${id}/retry`));

    await receiver.received(2);
    const [after] = await system.settled(
      shop.store,
      event.id,
      (shown) => shown.status === 'retrying' && shown.nextAttemptAt === planned,
    );
    const shown = await system.delivery(shop.store, after?.id ?? '');
    expect(shown.attempts?.map(({ trigger }) => trigger)).toEqual(['schedule', 'manual']);
  });

  it('goes to the new address of its webhook from the next attempt on', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500, { 'retry-after': '3600' }));
    const event = await publish(shop);
    const id = await only(shop, event.id, 'retrying');
    receiver.answerWith(answerWith(200));
    const { webhookId } = await system.delivery(shop.store, id);
    const path = `/api/v1/stores/${shop.store}`;
    await expectStatus(
      200,
      system.api.operator.patch(`${path}/webhooks/${webhookId}`, { url: `${receiver.url}/moved` }),
    );

    await expectStatus(202, system.api.operator.post(`${path}/deliveries/${id}/retry`));

    const [request] = await receiver.received(1, (received) => received.path === '/moved');
    expect(request?.headers['webhook-id']).toBe(event.id);
    await only(shop, event.id, 'delivered');
  });

  it('is sent again byte for byte, with the same webhook-id, when a delivered one is retried by hand', async () => {
    const shop = await openShop();
    const data = '{ "big":9007199254740993,"price":10.00,"e":"\\u00e9\\n" , "ü":[1e2]}';
    const event = await publish(shop, data);
    const id = await only(shop, event.id, 'delivered');

    await expectStatus(202, system.api.operator.post(`/api/v1/stores/${shop.store}/deliveries/${id}/retry`));

    const [first, second] = await receiver.received(2);
    expect(second?.body).toBe(first?.body);
    expect(first?.body).toContain(data);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    await only(shop, event.id, 'delivered');
  });

  it('is signed with both secrets while a rotation overlaps, and with the new one alone afterwards', async () => {
    const shop = await openShop();
    const path = `/api/v1/stores/${shop.store}/api-keys/${shop.apiKey.id}/rotate-secret`;
    const rotated = await expectStatus(
      200,
      system.api.operator.post<{ secret: string }>(path, { overlapSeconds: 3600 }),
    );
    await publish(shop);
    const [during] = await receiver.received(1);
    const verify = (secret: string, request = during): unknown =>
      new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>);
    expect(() => verify(shop.apiKey.secret)).not.toThrow();
    expect(() => verify(rotated.secret)).not.toThrow();

    const sql = `UPDATE api_keys SET previous_secret_until = now() - interval '1 second' WHERE store_id =
      (SELECT id FROM stores WHERE key = $1)`;
    await system.api.sql(sql, [shop.store]);
    await publish({ ...shop, apiKey: { ...shop.apiKey, secret: rotated.secret } });

    const [, after] = await receiver.received(2);
    expect(() => verify(rotated.secret, after)).not.toThrow();
    expect(() => verify(shop.apiKey.secret, after)).toThrow();
  });

  it('waits without attempts while the circuit breaker is open, and one probe closes it for all', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(500));
    const events = await Promise.all(Array.from({ length: 30 }, () => publish(shop)));
    const path = `/api/v1/stores/${shop.store}/webhooks/${shop.webhookId}`;
    let health: { health: { openUntil: string | null } };
    do health = await expectStatus(200, system.api.operator.get<typeof health>(path));
    while (health.health.openUntil === null);

    receiver.answerWith(answerWith(200));

    for (const event of events)
      await system.settled(shop.store, event.id, ({ status }) => status !== 'queued' && status !== 'retrying');
    health = await expectStatus(200, system.api.operator.get<typeof health>(path));
    expect(health.health.openUntil).toBeNull();
  });

  it('answers a dummy with what the endpoint said, signed, and records it as a test', async () => {
    const shop = await openShop();
    receiver.answerWith(answerWith(418, { 'x-pot': 'short' }, 'I am a teapot'));

    const answer = await expectStatus(
      200,
      system.api.operator.post<{ deliveryId: string; request: { headers: Record<string, string>; body: string } }>(
        `/api/v1/stores/${shop.store}/webhooks/${shop.webhookId}/test`,
      ),
    );

    expect(answer).toMatchObject({ statusCode: 418, body: 'I am a teapot', headers: { 'x-pot': 'short' } });
    expect(answer).toMatchObject({ error: { code: 'http_error' } });
    expect(() => new Webhook(shop.apiKey.secret).verify(answer.request.body, answer.request.headers)).not.toThrow();
    const delivery = await system.delivery(shop.store, answer.deliveryId);
    expect(delivery).toMatchObject({ status: 'failed', trigger: 'test' });
    expect(receiver.requests).toHaveLength(1);
  });

  it('keeps to the rate limit of its webhook', async () => {
    const shop = await openShop({ rateLimit: 20 });
    const startedAtMs = performance.now();
    await Promise.all(Array.from({ length: 30 }, () => publish(shop)));
    const requests = await receiver.received(30);
    // 20 a second with nine that may be saved up: the last of 30 cannot come before 1.05 s have passed.
    expect((requests.at(-1)?.atMs ?? 0) - startedAtMs).toBeGreaterThan(1_000);
  });
});
