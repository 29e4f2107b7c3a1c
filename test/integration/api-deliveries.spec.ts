import { randomUUID } from 'node:crypto';
import { decodeId } from '@signpost/domain';
import { startTestApi, type TestApi } from '../support/test-api';
import { openTestShop, type TestShop } from '../support/test-shop';
import { expectStatus } from '../support/test-system';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string }[];
}

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly trigger: string;
  readonly nextAttemptAt: string | null;
}

interface Page {
  readonly data: readonly Shown[];
  readonly nextCursor: string | null;
}

const HOUR_MS = 3_600_000;

/** No worker runs here: rows are put into the log as workers leave them. */
describe('deliveries over HTTP', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_ATTEMPT_TIMEOUT: '100ms', SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
  });
  afterAll(() => api.close());

  async function listed(shop: TestShop, query: string): Promise<string[]> {
    const page = await expectStatus(200, api.operator.get<Page>(`${shop.path}/deliveries?${query}`));
    return page.data.map(({ id }) => id);
  }

  describe('the log', () => {
    it('is filtered by webhook, event, status, type, last answer, last error, and time', async () => {
      const shop = await openTestShop(api);
      const nowMs = Date.now();
      const [event, other] = [await shop.rows.event(), await shop.rows.event({ type: 'order.cancel' })];
      const old = await shop.rows.delivery(event, { last_status_code: 200 }, nowMs - 2_000);
      const failed = await shop.rows.delivery(
        other,
        { status: 'failed', event_type: 'order.cancel', last_status_code: 503, last_error_code: 'http_error' },
        nowMs - 1_000,
      );
      const since = encodeURIComponent(new Date(nowMs - 1_000).toISOString());

      expect(await listed(shop, '')).toEqual([failed, old]);
      expect(await listed(shop, `webhookId=${shop.webhookId}`)).toEqual([failed, old]);
      expect(await listed(shop, 'webhookId=whk_01jp9b3s5vex7rj3b9k5d2a8hm')).toEqual([]);
      expect(await listed(shop, `eventId=${other}`)).toEqual([failed]);
      expect(await listed(shop, 'status=delivered')).toEqual([old]);
      expect(await listed(shop, 'eventType=order.cancel')).toEqual([failed]);
      expect(await listed(shop, 'statusCode=503')).toEqual([failed]);
      expect(await listed(shop, 'errorCode=http_error')).toEqual([failed]);
      expect(await listed(shop, `since=${since}`)).toEqual([failed]);
      expect(await listed(shop, `until=${since}`)).toEqual([old]);
      expect(await listed(shop, `eventId=${event}&since=${since}`)).toEqual([]);
      const all = `webhookId=${shop.webhookId}&eventId=${other}&status=failed&eventType=order.cancel`;
      expect(await listed(shop, `${all}&statusCode=503&errorCode=http_error&since=${since}`)).toEqual([failed]);
    });

    it('goes on where the page before ended', async () => {
      const shop = await openTestShop(api);
      const event = await shop.rows.event();
      const [older, newer] = [await shop.rows.delivery(event, {}, Date.now() - 1_000), await shop.rows.delivery(event)];
      const first = (await api.operator.get<Page>(`${shop.path}/deliveries?limit=1&status=delivered`)).body;
      expect(first.data.map(({ id }) => id)).toEqual([newer]);
      const query = `limit=1&status=delivered&cursor=${first.nextCursor}`;
      const second = (await api.operator.get<Page>(`${shop.path}/deliveries?${query}`)).body;
      expect(second).toMatchObject({ data: [{ id: older }], nextCursor: null });
    });

    it('looks at so many deliveries at a time for a filter that no index serves, and says where it goes on', async () => {
      const shop = await openTestShop(api);
      const old = await shop.rows.delivery(await shop.rows.event(), {}, Date.now() - 60_000);
      await shop.rows.failures(10_000, Date.now() - 20_000);
      const page = (query: string) =>
        expectStatus(200, api.operator.get<Page>(`${shop.path}/deliveries?status=delivered&${query}`));

      const pages = [await page('limit=5')];
      for (let last = pages[0]; last?.nextCursor; last = pages.at(-1)) {
        pages.push(await page(`limit=5&cursor=${last.nextCursor}`));
      }

      expect(pages.slice(0, -1).flatMap(({ data }) => data)).toEqual([]);
      expect(pages.length).toBeGreaterThan(2);
      expect(pages.at(-1)).toMatchObject({ data: [{ id: old }], nextCursor: null });
      const count = (query: string) =>
        expectStatus(200, api.operator.get<object>(`${shop.path}/deliveries/count?${query}`));
      expect(await count('status=delivered')).toEqual({ count: 0, exact: false });
      expect(await count('status=failed')).toEqual({ count: 10_000, exact: true });
      expect(await count('')).toEqual({ count: 10_000, exact: false });
    });

    it('is counted by the same filters, as far as its caller may see it', async () => {
      const [shop, other] = [await openTestShop(api), await openTestShop(api)];
      const event = await shop.rows.event();
      await shop.rows.delivery(event, { status: 'failed', last_status_code: 503, last_error_code: 'http_error' });
      await shop.rows.delivery(event, { event_type: 'product.create' });
      await other.rows.delivery(await other.rows.event());
      const path = `${shop.path}/deliveries/count`;

      expect(await expectStatus(200, api.operator.get(path))).toEqual({ count: 2, exact: true });
      expect(await expectStatus(200, shop.producer.get(path))).toEqual({ count: 1, exact: true });
      const all = `webhookId=${shop.webhookId}&eventId=${event}&status=failed&statusCode=503&errorCode=http_error`;
      expect(await expectStatus(200, api.operator.get(`${path}?${all}`))).toEqual({ count: 1, exact: true });
      await expectStatus(400, api.operator.get(`${path}?limit=1`));
    });

    it('names every bad filter', async () => {
      const { path } = await openTestShop(api);
      const bad = {
        webhookId: 'evt_01jp9b4bzxe0sve4k7q1r6y8ac',
        eventId: 'x',
        status: 'lost',
        eventType: 'order.made',
        statusCode: '99',
        errorCode: 'oops',
        since: '1',
        until: '2026-02-20T08:15:30',
        limit: '251',
        page: '2',
      };
      const query = new URLSearchParams(bad).toString();
      const problem = await expectStatus(400, api.operator.get<Problem>(`${path}/deliveries?${query}`));
      expect(new Set(problem.errors?.map(({ field }) => field))).toEqual(new Set(Object.keys(bad)));
    });

    it('shows an API key the types that it may read, and nothing of another store', async () => {
      const [shop, other] = [await openTestShop(api), await openTestShop(api)];
      const order = await shop.rows.delivery(await shop.rows.event());
      const product = await shop.rows.delivery(await shop.rows.event(), { event_type: 'product.create' });
      const foreign = await other.rows.delivery(await other.rows.event());

      const page = await expectStatus(200, shop.producer.get<Page>(`${shop.path}/deliveries`));
      expect(page.data.map(({ id }) => id)).toEqual([order]);
      await expectStatus(200, shop.producer.get(`${shop.path}/deliveries/${order}`));
      await expectStatus(403, shop.producer.get(`${shop.path}/deliveries/${product}`));
      await expectStatus(404, shop.producer.get(`${shop.path}/deliveries/${foreign}`));
      await expectStatus(404, api.operator.post(`${shop.path}/deliveries/${foreign}/retry`));
      await expectStatus(403, shop.producer.post(`${shop.path}/deliveries/${order}/retry`));
    });
  });

  describe('a delivery', () => {
    it('is shown with what was sent, and every attempt with its answer, error and timings', async () => {
      const shop = await openTestShop(api);
      const data = '{"total":10.00}';
      const event = await shop.rows.event({ data });
      const dueAt = new Date(Date.now() + HOUR_MS);
      const id = await shop.rows.delivery(event, {
        status: 'retrying',
        waiting: true,
        due_at: dueAt,
        attempts_made: 2,
      });
      await shop.rows.attempt(id, 1, null);
      await shop.rows.attempt(id, 2, 503);

      const shown = await expectStatus(
        200,
        shop.producer.get<{ requestBody: string }>(`${shop.path}/deliveries/${id}`),
      );

      expect(shown.requestBody).toMatch(/^\{"type":"order\.create","timestamp":"[^"]+","data":\{"total":10\.00\}\}$/);
      expect(shown).toMatchObject({
        eventId: event,
        status: 'retrying',
        attemptsMade: 2,
        nextAttemptAt: dueAt.toISOString(),
        olderAttemptsOmitted: false,
        attempts: [
          { number: 1, response: null, error: { code: 'connection_refused', message: 'It failed.' } },
          {
            number: 2,
            durationMs: 3.125,
            timings: { dnsMs: null, connectMs: 1.5, tlsMs: null, firstByteMs: 2.25, totalMs: 3.125 },
            request: { url: 'http://127.0.0.1:9/hook', method: 'POST', headers: { 'webhook-id': 'evt_1' } },
            response: {
              statusCode: 503,
              headers: { 'x-answer': 'a', 'set-cookie': ['b', 'c'] },
              body: 'ok',
              bodyTruncated: true,
            },
            error: { code: 'http_error' },
          },
        ],
      });
    });

    it('has no next attempt while one is being made, and none once it is settled or held', async () => {
      const shop = await openTestShop(api);
      const event = await shop.rows.event({ data: null });
      for (const columns of [
        { status: 'queued', lease_id: randomUUID() },
        { status: 'failed' },
        { status: 'held', waiting: true },
      ]) {
        const id = await shop.rows.delivery(event, columns);
        const shown = await expectStatus(200, api.operator.get(`${shop.path}/deliveries/${id}`));
        expect(shown).toMatchObject({ nextAttemptAt: null, requestBody: null });
      }
    });

    it('waits for its next attempt in a parcel, too, until a worker takes that', async () => {
      const shop = await openTestShop(api);
      const [leaseId, workerId, dueAt] = [randomUUID(), randomUUID(), new Date()];
      const columns = { status: 'queued', lease_id: leaseId, due_at: dueAt, attempts_made: 0 };
      const id = await shop.rows.delivery(await shop.rows.event(), columns);
      await api.sql(
        `INSERT INTO leases (id, webhook_id, due_at, payload_units, delivery_ids) VALUES ($1, $2, $3, 2, ARRAY[$4::uuid])`,
        [leaseId, decodeId('webhook', shop.webhookId), dueAt, decodeId('delivery', id)],
      );
      const next = async () => {
        const shown = await expectStatus(200, api.operator.get<Shown>(`${shop.path}/deliveries/${id}`));
        const { data } = await expectStatus(200, api.operator.get<Page>(`${shop.path}/deliveries?status=queued`));
        return [shown.nextAttemptAt, ...data.map(({ nextAttemptAt }) => nextAttemptAt)];
      };
      expect(await next()).toEqual([dueAt.toISOString(), dueAt.toISOString()]);
      await api.sql(`INSERT INTO workers (id, leased_until) VALUES ($1, now() + interval '1 minute')`, [workerId]);
      await api.sql('UPDATE leases SET worker_id = $2 WHERE id = $1', [leaseId, workerId]);
      expect(await next()).toEqual([null, null]);
    });
  });

  describe('a retry by hand', () => {
    function retry(shop: TestShop, id: string): Promise<{ status: number; body: Shown & Problem; text: string }> {
      return api.operator.post<Shown & Problem>(`${shop.path}/deliveries/${id}/retry`);
    }

    async function resumeTime(id: string): Promise<string | null> {
      const [row] = await api.sql<{ resume_at: Date | null }>('SELECT resume_at FROM deliveries WHERE id = $1', [
        decodeId('delivery', id),
      ]);
      return row?.resume_at?.toISOString() ?? null;
    }

    it('makes a waiting delivery due now, and keeps when its schedule goes on, also when asked for twice', async () => {
      const shop = await openTestShop(api);
      const dueAt = new Date(Date.now() + HOUR_MS);
      const columns = { status: 'retrying', waiting: true, due_at: dueAt };
      const id = await shop.rows.delivery(await shop.rows.event(), columns);

      for (let times = 0; times < 2; times += 1) {
        const shown = await expectStatus(202, retry(shop, id));
        expect(shown).toMatchObject({ id, status: 'retrying', trigger: 'manual' });
        expect(Date.parse(shown.nextAttemptAt ?? '')).toBeLessThan(dueAt.getTime());
        expect(await resumeTime(id)).toBe(dueAt.toISOString());
      }
    });

    it('makes a delivery due that was held, once a key is active, and keeps when its schedule goes on', async () => {
      const shop = await openTestShop(api);
      const dueAt = new Date(Date.now() + HOUR_MS);
      const columns = { status: 'held', waiting: true, due_at: dueAt, attempts_made: 3 };
      const id = await shop.rows.delivery(await shop.rows.event(), columns);
      expect(await expectStatus(202, retry(shop, id))).toMatchObject({ status: 'retrying', trigger: 'manual' });
      expect(await resumeTime(id)).toBe(dueAt.toISOString());
    });

    it.each(['delivered', 'failed', 'canceled'])('opens a delivery that is %s for one attempt', async (status) => {
      const shop = await openTestShop(api);
      const id = await shop.rows.delivery(await shop.rows.event(), { status });
      expect(await expectStatus(202, retry(shop, id))).toMatchObject({ status: 'queued', trigger: 'manual' });
      expect(await resumeTime(id)).toBeNull();
      expect(await expectStatus(202, retry(shop, id))).toMatchObject({ status: 'queued' });
      expect(await resumeTime(id)).toBeNull();
    });

    it('opens the gate of the webhook within seconds, for the case that no worker takes it at once', async () => {
      const shop = await openTestShop(api);
      const id = await shop.rows.delivery(await shop.rows.event(), { status: 'failed' });
      await expectStatus(202, retry(shop, id));
      const [gate] = await api.sql<{ soon: boolean }>(
        `SELECT due_at <= now() + interval '4 seconds' AS soon FROM gates WHERE webhook_id = $1`,
        [decodeId('webhook', shop.webhookId)],
      );
      expect(gate?.soon).toBe(true);
    });

    it('is refused, with the reason, where no attempt can be made', async () => {
      const shop = await openTestShop(api);
      const event = await shop.rows.event();
      const leased = await shop.rows.delivery(event, { status: 'retrying', lease_id: randomUUID() });
      const test = await shop.rows.delivery(event, { trigger: 'test' });
      const plain = await shop.rows.delivery(event);
      const forgotten = await shop.rows.delivery(await shop.rows.event({ data: null }), { status: 'delivered' });
      const refused = async (id: string): Promise<string> => {
        const { code, detail } = await expectStatus(409, retry(shop, id));
        return `${code}: ${detail}`;
      };

      expect(await refused(leased)).toMatch(/^conflict: .*being attempted right now/);
      expect(await refused(test)).toMatch(/^conflict: .*test/i);
      expect(await refused(forgotten)).toMatch(/^conflict: .*past its retention/);
      await expectStatus(200, api.operator.patch(`${shop.path}/api-keys/${shop.apiKey.id}`, { activated: false }));
      expect(await refused(plain)).toMatch(/^no_active_api_key: /);
      await expectStatus(200, api.operator.patch(`${shop.path}/webhooks/${shop.webhookId}`, { enabled: false }));
      expect(await refused(plain)).toMatch(/^webhook_disabled: /);
      await expectStatus(204, api.operator.delete(`${shop.path}/webhooks/${shop.webhookId}`));
      expect(await refused(plain)).toMatch(/^conflict: .*deleted/);
    });
  });

  describe('a test of a webhook', () => {
    it('is canceled when no worker takes it in time', async () => {
      const shop = await openTestShop(api);
      const answer = await api.operator.post<Problem>(`${shop.path}/webhooks/${shop.webhookId}/test`, {});
      expect(answer.body.code).toBe('worker_unavailable');
      const page = (await api.operator.get<Page>(`${shop.path}/deliveries`)).body;
      expect(page.data).toMatchObject([{ status: 'canceled', trigger: 'test', eventType: 'order.cancel' }]);
    });

    it('is refused without an active key to sign with, without a webhook, and to API keys', async () => {
      const shop = await openTestShop(api);
      const path = `${shop.path}/webhooks/${shop.webhookId}/test`;
      await expectStatus(403, shop.producer.post(path, {}));
      await expectStatus(404, api.operator.post(`${shop.path}/webhooks/whk_01jp9b3s5vex7rj3b9k5d2a8hm/test`, {}));
      await expectStatus(200, api.operator.patch(`${shop.path}/api-keys/${shop.apiKey.id}`, { activated: false }));
      const problem = await expectStatus(409, api.operator.post<Problem>(path, {}));
      expect(problem.code).toBe('no_active_api_key');
      expect(await listed(shop, '')).toEqual([]);
    });

    it('names every bad field', async () => {
      const shop = await openTestShop(api);
      const body = { eventType: 'x', data: [], url: 'http://127.0.0.1' };
      const path = `${shop.path}/webhooks/${shop.webhookId}/test`;
      const problem = await expectStatus(400, api.operator.post<Problem>(path, body));
      expect(problem.errors?.map(({ field }) => field)).toEqual(['url', 'eventType', 'data']);
    });
  });
});
