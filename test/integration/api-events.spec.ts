import { EVENT_TYPES } from '@signpost/domain';
import { startTestApi, type TestApi } from '../support/test-api';
import { openTestShop } from '../support/test-shop';
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

interface Shown extends Published {
  readonly fanOut: string;
  readonly note: string | null;
  readonly deliveryCounts: Record<string, number>;
}

interface Page {
  readonly data: readonly Shown[];
  readonly nextCursor: string | null;
}

/** No worker runs here: rows are put into the log as workers leave them. */
describe('events over HTTP', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
  });
  afterAll(() => api.close());

  describe('the list', () => {
    it('is filtered by type, by test, and by time', async () => {
      const { path, rows } = await openTestShop(api);
      const nowMs = Date.now();
      const old = await rows.event({ atMs: nowMs - 3_600_000 });
      const test = await rows.event({ atMs: nowMs - 2_000, test: true });
      const product = await rows.event({ atMs: nowMs - 1_000, type: 'product.create' });
      const list = async (query: string): Promise<string[]> => {
        const page = await expectStatus(200, api.operator.get<Page>(`${path}/events?${query}`));
        return page.data.map(({ id }) => id);
      };
      const iso = (timeMs: number) => encodeURIComponent(new Date(timeMs).toISOString());

      expect(await list('')).toEqual([product, test, old]);
      expect(await list('type=product.create')).toEqual([product]);
      expect(await list('test=true')).toEqual([test]);
      expect(await list('test=false')).toEqual([product, old]);
      expect(await list(`since=${iso(nowMs - 2_000)}`)).toEqual([product, test]);
      expect(await list(`until=${iso(nowMs - 2_000)}`)).toEqual([old]);
      expect(await list(`since=${iso(nowMs - 2_000)}&until=${iso(nowMs - 1_000)}`)).toEqual([test]);
      expect(await list('type=product.create&test=true')).toEqual([]);
    });

    it('goes on where the page before ended, until there is nothing left', async () => {
      const { path, rows } = await openTestShop(api);
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1)
        ids.unshift(await rows.event({ atMs: Date.now() - 5_000 + index * 1_000 }));
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Page = (await api.operator.get<Page>(`${path}/events?limit=2${cursor && `&cursor=${cursor}`}`))
          .body;
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(ids);
    });

    it('names every bad filter', async () => {
      const { path } = await openTestShop(api);
      const query = 'type=x&test=1&since=yesterday&until=2026-02-30T00:00:00Z&limit=0&colour=red&cursor=x';
      const problem = await expectStatus(400, api.operator.get<Problem>(`${path}/events?${query}`));
      const fields = problem.errors?.map(({ field }) => field) ?? [];
      expect(new Set(fields)).toEqual(new Set(['type', 'test', 'since', 'until', 'limit', 'colour', 'cursor']));
    });

    it('says what became of each event', async () => {
      const { path, producer, rows } = await openTestShop(api);
      const pending = await expectStatus(
        202,
        producer.post<Published>(`${path}/events`, { type: 'order.create', data: {} }),
      );
      const unwanted = await rows.event();
      const wanted = await rows.event();
      await rows.delivery(wanted);
      await rows.delivery(wanted, { status: 'retrying', waiting: true });
      await rows.delivery(wanted, { status: 'retrying', waiting: true });

      const { data } = (await producer.get<Page>(`${path}/events`)).body;

      const shown = new Map(data.map((event) => [event.id, event]));
      expect(shown.get(pending.id)).toMatchObject({ fanOut: 'pending', deliveryCounts: {}, note: null });
      expect(shown.get(unwanted)).toMatchObject({
        fanOut: 'done',
        deliveryCounts: {},
        note: expect.stringMatching(/no webhook/i),
      });
      expect(shown.get(wanted)).toMatchObject({
        fanOut: 'done',
        deliveryCounts: { delivered: 1, retrying: 2 },
        note: null,
      });
    });
  });

  describe('reading back', () => {
    it('shows an API key the types that it may read, and no others', async () => {
      const { path, rows, producer } = await openTestShop(api, ['orders:read', 'customers:read']);
      const order = await rows.event();
      const product = await rows.event({ type: 'product.create' });
      const page = await expectStatus(200, producer.get<Page>(`${path}/events`));
      expect(page.data.map(({ id }) => id)).toEqual([order]);
      await expectStatus(200, producer.get(`${path}/events/${order}`));
      const problem = await expectStatus(403, producer.get<Problem>(`${path}/events/${product}`));
      expect(problem.detail).toContain('products:read');
      await expectStatus(403, producer.get(`${path}/events?type=product.create`));
    });

    it('is refused to an API key that may read nothing', async () => {
      const { path, producer } = await openTestShop(api, ['orders:write']);
      await expectStatus(403, producer.get(`${path}/events`));
    });

    it('answers for an event of another store, and for what is no id, as for one that does not exist', async () => {
      const [mine, other] = [await openTestShop(api), await openTestShop(api)];
      const foreign = await other.rows.event();
      const details: string[] = [];
      for (const id of [foreign, 'evt_01jp9b4bzxe0sve4k7q1r6y8ac', 'evt_1', foreign.replace('evt', 'dlv')]) {
        details.push((await expectStatus(404, mine.producer.get<Problem>(`${mine.path}/events/${id}`))).detail);
      }
      expect(new Set(details).size).toBe(1);
    });

    it('shows an event with its deliveries, also when its payload is past its retention', async () => {
      const { path, producer, rows } = await openTestShop(api);
      const id = await rows.event({ data: null });
      const delivery = await rows.delivery(id);
      const shown = await expectStatus(200, producer.get(`${path}/events/${id}`));
      expect(shown).toMatchObject({ data: null, fanOut: 'done', deliveries: [{ id: delivery, status: 'delivered' }] });
    });
  });

  describe('the catalogue', () => {
    it('lists every type with its permissions, schema and sample, for whoever has credentials', async () => {
      const { producer } = await openTestShop(api, []);
      const { data } = (await producer.get<{ data: { type: string }[] }>('/api/v1/event-types')).body;
      expect(data.map(({ type }) => type)).toEqual(expect.arrayContaining([...EVENT_TYPES]));
      expect(data[0]).toMatchObject({
        type: 'order.create',
        title: 'Order Create',
        resource: 'orders',
        publishPermission: 'orders:write',
        readPermission: 'orders:read',
        schema: { type: 'object' },
        sample: expect.any(Object),
      });
      await expectStatus(401, api.nobody.get('/api/v1/event-types'));
    });

    it('comes in pages like every list', async () => {
      interface Page {
        readonly data: readonly { type: string }[];
        readonly nextCursor: string | null;
      }
      const { producer } = await openTestShop(api, []);
      const page = (query: string) => expectStatus(200, producer.get<Page>(`/api/v1/event-types${query}`));
      const whole = await page('');
      const first = await page('?limit=10');
      const second = await page(`?limit=10&cursor=${first.nextCursor}`);
      expect(first.data).toHaveLength(10);
      expect([...first.data, ...second.data]).toEqual(whole.data);
      expect([whole.nextCursor, second.nextCursor]).toEqual([null, null]);
    });
  });
});
