import { Webhook } from 'standardwebhooks';
import { answerWith, type ReceivedRequest, TestReceiver } from '../support/test-receiver';
import { expectStatus, type NewApiKey, TestSystem } from '../support/test-system';

/** A store with a webhook whose endpoint has one order in hand, while the worker holds another for it. */
interface Shop {
  readonly store: string;
  readonly path: string;
  readonly apiKey: NewApiKey;
  readonly webhookId: string;
  /** Lets the endpoint answer the order that it has in hand: that it took it, unless another status is given. */
  readonly answerFirst: (status?: number) => void;
}

let system: TestSystem;
let receiver: TestReceiver;
let shops = 0;

beforeAll(async () => {
  system = await TestSystem.start('postgres', { SIGNPOST_WEBHOOK_CONCURRENCY: '1', SIGNPOST_RETRY_SCHEDULE: '0,1h' });
});
beforeEach(async () => {
  receiver = await TestReceiver.start();
});
afterEach(() => receiver.close());
afterAll(() => system.stop());

async function openBusyShop(): Promise<Shop> {
  const store = `shop-${(shops += 1)}`;
  const path = `/api/v1/stores/${store}`;
  await system.createStore(store);
  const apiKey = await system.createApiKey(store);
  const webhook = await system.createWebhook(store, `${receiver.url}/orders`);
  let answerFirst = (_status: number): void => undefined;
  receiver.answerWith((request, response, incoming) => {
    answerFirst = (status) => answerWith(status)(request, response, incoming);
    receiver.answerWith(answerWith(200));
  });
  const events = [1, 2].map((id) => ({ type: 'order.create', data: { id } }));
  await expectStatus(202, system.api.as(apiKey).post(`${path}/events/batch`, { events }));
  await receiver.received(1);
  return {
    ...{ store, path, apiKey, webhookId: webhook.id },
    answerFirst: (status = 200) => answerFirst(status),
  };
}

/** Asks again until the two orders are in these states, at the latest when the test times out: the store may be gone. */
async function come({ store }: Shop, ...statuses: string[]): Promise<void> {
  for (;;) {
    const rows = await system.api.sql<{ status: string }>(
      'SELECT d.status FROM deliveries d JOIN stores s ON s.id = d.store_id WHERE s.key = $1 ORDER BY d.status DESC',
      [store],
    );
    if (rows.map(({ status }) => status).join() === statuses.join()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const to = (path: string) => (request: ReceivedRequest) => request.path === path;

type Withdrawal = readonly [
  what: string,
  becomes: string,
  method: 'delete' | 'patch',
  address: (shop: Shop) => string,
  body: object | null,
];

const withdrawals: readonly Withdrawal[] = [
  ['a key that was deleted signs', 'held', 'delete', ({ apiKey }: Shop) => `/api-keys/${apiKey.id}?force=true`, null],
  [
    'a key that was switched off signs',
    'held',
    'patch',
    ({ apiKey }: Shop) => `/api-keys/${apiKey.id}`,
    { activated: false },
  ],
  [
    'is sent to a webhook that was disabled',
    'canceled',
    'patch',
    ({ webhookId }: Shop) => `/webhooks/${webhookId}`,
    { enabled: false },
  ],
  [
    'is sent to a webhook that was deleted',
    'canceled',
    'delete',
    ({ webhookId }: Shop) => `/webhooks/${webhookId}`,
    null,
  ],
  ['is sent of a store that was deleted', 'canceled', 'delete', () => '', null],
];

describe.each(withdrawals)('nothing more %s, from the answer on', (_what, becomes, method, address, body) => {
  it.each([
    ['ends well', 200, 'delivered'],
    ['fails', 503, becomes],
  ])('and what is under way waits for no other attempt: when it %s', async (_how, status, first) => {
    const shop = await openBusyShop();
    const { operator } = system.api;
    const path = `${shop.path}${address(shop)}`;
    const answer = method === 'delete' ? await operator.delete(path) : await operator.patch(path, body);
    expect([200, 204]).toContain(answer.status);

    shop.answerFirst(status);

    await come(shop, ...[first, becomes].toSorted().toReversed());
    expect(receiver.requests).toHaveLength(1);
  });
});

it('everything goes to the new URL of a webhook, from the answer on', async () => {
  const shop = await openBusyShop();
  const path = `${shop.path}/webhooks/${shop.webhookId}`;
  await expectStatus(200, system.api.operator.patch(path, { url: `${receiver.url}/moved` }));

  shop.answerFirst();

  await come(shop, 'delivered', 'delivered');
  expect(receiver.requests.filter(to('/moved'))).toHaveLength(1);
});

it('nothing is signed by a secret that was renewed without an overlap, from the answer on', async () => {
  const shop = await openBusyShop();
  const path = `${shop.path}/api-keys/${shop.apiKey.id}/rotate-secret`;
  const renewed = await expectStatus(200, system.api.operator.post<NewApiKey>(path, { overlapSeconds: 0 }));

  shop.answerFirst();

  const [, second] = await receiver.received(2);
  expect(String(second?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  const headers = second?.headers as Record<string, string>;
  expect(new Webhook(renewed.secret).verify(second?.body ?? '', headers)).toMatchObject({ data: expect.anything() });
});
