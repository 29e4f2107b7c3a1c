import { TestReceiver } from '../support/test-receiver';
import { bearer } from '../support/test-client';
import { expectStatus, QUEUE_BACKENDS, TestSystem } from '../support/test-system';
import { WatchedStream } from '../support/watched-stream';

const DAY_MS = 86_400_000;

interface Recovery {
  readonly createdAt: string;
  readonly filter: { readonly until: string };
}

interface Stats {
  readonly totals: { readonly accepted: number };
}

/** Partitions are made for a week ahead, and kept for thirty days. */
describe.each([
  ['nine days ahead', 9 * DAY_MS],
  ['forty days behind', -40 * DAY_MS],
])('while the clock of API and worker is %s', (_, apartMs) => {
  const now = Date.now.bind(Date);
  let receiver: TestReceiver;

  beforeAll(async () => {
    receiver = await TestReceiver.start();
    jest.spyOn(Date, 'now').mockImplementation(() => now() + apartMs);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await receiver.close();
  });

  it.each(QUEUE_BACKENDS)(
    'events and tests are accepted, delivered, watched, sent again and counted on the %s queue',
    async (backend) => {
      const system = await TestSystem.start(backend);
      await system.createStore('shop');
      const apiKey = await system.createApiKey('shop');
      const webhook = await system.createWebhook('shop', receiver.url);

      const path = '/api/v1/stores/shop/deliveries';
      const authorization = bearer('operator-token-of-the-tests');
      const stream = await WatchedStream.open(`${system.api.url}${path}/stream`, { authorization });
      const event = await system.publish(system.api.as(apiKey), 'shop', '{}');
      const [delivery] = await system.settled('shop', event.id);
      expect((await stream.event<{ id: string }>(0)).data.id).toBe(delivery?.id);
      await stream.close();
      const shown = await system.delivery('shop', delivery?.id ?? '');
      expect(shown.attempts).toEqual([expect.objectContaining({ statusCode: 200 })]);
      const test = system.api.operator.post<object>(`/api/v1/stores/shop/webhooks/${webhook.id}/test`);
      expect(await expectStatus(200, test)).toMatchObject({ statusCode: 200 });
      const filter = { eventId: event.id, status: 'delivered' };
      const asked = system.api.operator.post<Recovery>(`${path}/retry`, { filter });
      const recovery = await expectStatus(202, asked);
      expect(recovery.filter.until <= recovery.createdAt).toBe(true);
      await receiver.received(2, ({ headers }) => headers['webhook-id'] === event.id);
      const stats = system.api.operator.get<Stats>('/api/v1/stores/shop/stats');
      expect((await expectStatus(200, stats)).totals.accepted).toBe(1);
      await system.stop();
    },
  );
});
