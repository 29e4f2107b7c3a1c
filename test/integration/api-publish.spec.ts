import { EVENT_TYPES } from '@signpost/domain';
import { startTestApi, type TestApi } from '../support/test-api';
import { openTestShop, type TestShop } from '../support/test-shop';
import { expectStatus } from '../support/test-system';

interface Published {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly rule: string }[];
}

/** No worker runs here: what is published stays where the commit put it. */
describe('publishing over HTTP', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
  });
  afterAll(() => api.close());

  async function countEvents({ path }: TestShop): Promise<number> {
    return (await api.operator.get<{ data: unknown[] }>(`${path}/events?limit=250`)).body.data.length;
  }

  describe('an event', () => {
    it('answers 202 with what is then on disk, byte for byte, and in the outbox', async () => {
      const { path, producer } = await openTestShop(api);
      const data = '{ "id": 9007199254740993, "total": 10.00, "z": 1, "a": "\\u00e9 \\ud800 ü 😀", "a": null }';

      const event = await expectStatus(
        202,
        producer.post<Published>(`${path}/events`, `{"type":"order.create","data":${data}}`),
      );

      expect(event).toEqual({
        id: expect.stringMatching(/^evt_/),
        type: 'order.create',
        timestamp: expect.any(String),
      });
      const shown = await producer.get(`${path}/events/${event.id}`);
      expect(shown.text.endsWith(`,"data":${data}}`)).toBe(true);
      expect(shown.body).toMatchObject({ ...event, fanOut: 'pending', test: false, note: null, deliveries: [] });
    });

    it('keeps the time that the producer gave, in UTC', async () => {
      const { path, producer } = await openTestShop(api);
      const body = { type: 'order.create', data: {}, timestamp: '2026-02-20T09:15:30.5+01:00' };
      const event = await expectStatus(202, producer.post<Published>(`${path}/events`, body));
      expect(event.timestamp).toBe('2026-02-20T08:15:30.500Z');
    });

    it('accepts a batch in its order', async () => {
      const { path, producer } = await openTestShop(api, ['orders:write', 'products:write']);
      const types = ['order.create', 'product.update', 'order.create'];
      const events = types.map((type) => ({ type, data: { type } }));

      const batch = await expectStatus(202, producer.post<{ data: Published[] }>(`${path}/events/batch`, { events }));

      expect(batch.data.map(({ type }) => type)).toEqual(types);
      expect(new Set(batch.data.map(({ id }) => id)).size).toBe(3);
    });

    it('accepts nothing of a batch with a mistake, and lists every mistake', async () => {
      const shop = await openTestShop(api);
      const events = [
        { type: 'order.create', data: {} },
        { type: 'order.made', data: {} },
        { type: 'order.create', data: 1, at: 2 },
      ];

      const problem = await expectStatus(400, shop.producer.post<Problem>(`${shop.path}/events/batch`, { events }));

      expect(problem.code).toBe('validation_failed');
      expect(problem.errors?.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
        'events[1].type unknown_event_type',
        'events[2].at unknown_property',
        'events[2].data object',
      ]);
      expect(await countEvents(shop)).toBe(0);
    });

    it('refuses a body that is not JSON, and one that is not there', async () => {
      const { path, producer } = await openTestShop(api);
      for (const body of ['{"type":', '', undefined]) {
        const problem = await expectStatus(400, producer.post<Problem>(`${path}/events`, body));
        expect(problem.code).toBe('malformed_json');
      }
    });

    it('lets the operator publish every type', async () => {
      const { path } = await openTestShop(api);
      const events = EVENT_TYPES.map((type) => ({ type, data: {} }));
      await expectStatus(202, api.operator.post(`${path}/events/batch`, { events }));
    });
  });

  describe('an idempotency key', () => {
    const body = { type: 'order.create', data: { n: 1 } };
    const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

    it('gives the same body the answer of the first time, and says so', async () => {
      const shop = await openTestShop(api);
      const first = await shop.producer.post<Published>(`${shop.path}/events`, body, withKey('order-1'));
      const second = await shop.producer.post<Published>(`${shop.path}/events`, body, withKey('order-1'));

      expect([first.status, second.status]).toEqual([202, 202]);
      expect(second.body).toEqual(first.body);
      expect(first.headers.has('idempotent-replayed')).toBe(false);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(await countEvents(shop)).toBe(1);
    });

    it('replays a batch whole and in order', async () => {
      const { path, producer } = await openTestShop(api);
      const events = [1, 2, 3].map((n) => ({ type: 'order.create', data: { n } }));
      const first = await producer.post(`${path}/events/batch`, { events }, withKey('batch-1'));
      const second = await producer.post(`${path}/events/batch`, { events }, withKey('batch-1'));
      expect(second.body).toEqual(first.body);
    });

    it('makes one event of requests that are sent at the same time', async () => {
      const shop = await openTestShop(api);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => shop.producer.post<Published>(`${shop.path}/events`, body, withKey('at-once'))),
      );
      expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
      expect(await countEvents(shop)).toBe(1);
    });

    it('refuses another body', async () => {
      const shop = await openTestShop(api);
      await expectStatus(202, shop.producer.post(`${shop.path}/events`, body, withKey('order-2')));
      const other = JSON.stringify(body).replace('1', '1.0');
      const problem = await expectStatus(
        409,
        shop.producer.post<Problem>(`${shop.path}/events`, other, withKey('order-2')),
      );
      expect(problem.code).toBe('idempotency_conflict');
      expect(await countEvents(shop)).toBe(1);
    });

    it('belongs to its store', async () => {
      const shops = [await openTestShop(api), await openTestShop(api)];
      for (const { path, producer } of shops) {
        const answer = await producer.post(`${path}/events`, body, withKey('the-same'));
        expect(answer.headers.has('idempotent-replayed')).toBe(false);
      }
    });

    it.each(['with space', 'x'.repeat(256), ''])('is refused when it is %j', async (key) => {
      const { path, producer } = await openTestShop(api);
      const problem = await expectStatus(400, producer.post<Problem>(`${path}/events`, body, withKey(key)));
      expect(problem.errors?.map(({ field }) => field)).toEqual(['Idempotency-Key']);
      const both = await expectStatus(400, producer.post<Problem>(`${path}/events`, { data: {} }, withKey(key)));
      expect(both.errors?.map(({ field }) => field)).toEqual(['Idempotency-Key', 'type']);
    });
  });

  describe('who may publish', () => {
    const body = { type: 'order.create', data: {} };

    it('is named in the refusal of a key that lacks the permission', async () => {
      const { path, producer } = await openTestShop(api, ['orders:read', 'products:write']);
      const problem = await expectStatus(403, producer.post<Problem>(`${path}/events`, body));
      expect(problem).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('orders:write') });
      const events = [{ type: 'product.create', data: {} }, body];
      await expectStatus(403, producer.post(`${path}/events/batch`, { events }));
    });

    it('is nobody without credentials, and no key of another store', async () => {
      const [{ path }, { producer }] = [await openTestShop(api), await openTestShop(api)];
      await expectStatus(401, api.nobody.post(`${path}/events`, body));
      const foreign = await expectStatus(404, producer.post<Problem>(`${path}/events`, body));
      const missing = await expectStatus(404, producer.post<Problem>('/api/v1/stores/no-such-shop/events', body));
      expect(foreign.detail).toBe(missing.detail);
    });

    it('ends with the very next request once the key is off, deleted, or has lost the permission', async () => {
      const changes: [number, (keyPath: string) => Promise<{ status: number }>][] = [
        [401, (keyPath) => api.operator.patch(keyPath, { activated: false })],
        [401, (keyPath) => api.operator.delete(`${keyPath}?force=true`)],
        [403, (keyPath) => api.operator.patch(keyPath, { permissions: ['orders:read'] })],
      ];
      for (const [status, change] of changes) {
        const { path, apiKey, producer } = await openTestShop(api);
        await expectStatus(202, producer.post(`${path}/events`, body));
        expect((await change(`${path}/api-keys/${apiKey.id}`)).status).toBeLessThan(300);
        await expectStatus(status, producer.post(`${path}/events`, body));
      }
    });

    it.each([
      ['an unknown type', { type: 'order.made', data: {} }, {}],
      ['a body that is not JSON', '{"type":', {}],
      ['a broken Idempotency-Key', body, { 'idempotency-key': 'ä b' }],
    ])('ends for mistaken requests too: %s', async (_, sent, headers) => {
      const { path, apiKey, producer } = await openTestShop(api);
      await expectStatus(202, producer.post(`${path}/events`, body));
      await expectStatus(400, producer.post(`${path}/events`, sent, { headers }));
      await expectStatus(200, api.operator.patch(`${path}/api-keys/${apiKey.id}`, { activated: false }));
      const problem = await expectStatus(401, producer.post<Problem>(`${path}/events`, sent, { headers }));
      expect(problem.code).toBe('unauthenticated');
    });

    it.each([
      ['an event', '/events', body, 202],
      ['a batch', '/events/batch', { events: [body] }, 202],
      ['an unknown type', '/events', { type: 'order.made', data: {} }, 400],
      ['what the key may not publish', '/events', { type: 'product.create', data: {} }, 403],
      ['a body that is not JSON', '/events', '{"type":', 400],
      ['a replay', '/events', body, 202, { 'idempotency-key': 'once' }],
    ])(
      'is answered alike, whether the key is recognised or looked up: %s',
      async (_, route, sent, status, headers: Record<string, string> = {}) => {
        const { path, producer } = await openTestShop(api);
        const publish = () => producer.post<Problem>(path + route, sent, { headers });
        if ('idempotency-key' in headers) await expectStatus(202, api.operator.post(path + route, sent, { headers }));
        const [lookedUp, recognised] = [await publish(), await publish()];
        expect([lookedUp.status, recognised.status]).toEqual([status, status]);
        const varying = /"(?:id|timestamp|instance)":"[^"]*"/g;
        expect(recognised.text.replace(varying, '')).toBe(lookedUp.text.replace(varying, ''));
        expect(Object.fromEntries(recognised.headers)).toEqual({
          ...Object.fromEntries(lookedUp.headers),
          date: expect.any(String),
        });
      },
    );

    it('stays the same when the key changed in what does not matter', async () => {
      const { path, apiKey, producer } = await openTestShop(api);
      await expectStatus(202, producer.post(`${path}/events`, body));
      await expectStatus(200, api.operator.patch(`${path}/api-keys/${apiKey.id}`, { description: 'Till 2' }));
      await expectStatus(202, producer.post(`${path}/events`, body));
    });

    it('ends with the store', async () => {
      const { path, producer } = await openTestShop(api);
      await expectStatus(202, producer.post(`${path}/events`, body));
      await expectStatus(202, api.operator.post(`${path}/events`, body));
      await expectStatus(204, api.operator.delete(path));
      await expectStatus(401, producer.post(`${path}/events`, body));
      await expectStatus(404, api.operator.post(`${path}/events`, body));
      await expectStatus(
        201,
        api.operator.post('/api/v1/stores', { key: path.split('/').at(-1), name: 'Its successor' }),
      );
      await expectStatus(401, producer.post(`${path}/events`, body));
    });
  });
});
