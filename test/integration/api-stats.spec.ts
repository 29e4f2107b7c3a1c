import { startTestApi } from '../support/test-api';
import { answerWith, TestReceiver } from '../support/test-receiver';
import { openTestShop } from '../support/test-shop';
import { expectStatus, TestSystem } from '../support/test-system';

interface Counts {
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly delivered: number;
  readonly failed: number;
}

interface Stats {
  readonly since: string;
  readonly until: string;
  readonly bucketSeconds: number;
  readonly totals: Counts & { readonly accepted: number; readonly waiting: number; readonly held: number };
  readonly buckets: readonly (Counts & {
    readonly at: string;
    readonly accepted: number;
    readonly p50Ms: number | null;
    readonly p95Ms: number | null;
  })[];
  readonly errorCodes: readonly { code: string; count: number }[];
  readonly statusCodes: readonly { code: number; count: number }[];
  readonly webhooks: readonly (Counts & {
    readonly id: string;
    readonly successRate: number;
    readonly buckets: readonly object[];
  })[];
}

describe('statistics', () => {
  let system: TestSystem;
  let receiver: TestReceiver;

  beforeAll(async () => {
    system = await TestSystem.start('postgres', { SIGNPOST_RETRY_SCHEDULE: '0,100ms' });
    receiver = await TestReceiver.start();
  });
  afterAll(async () => {
    await system.stop();
    await receiver.close();
  });

  const read = (store: string, query = '') =>
    expectStatus(200, system.api.operator.get<Stats>(`/api/v1/stores/${store}/stats${query}`));

  it('count what was accepted and what became of it, by bucket, error, answer and webhook, the worst first', async () => {
    await system.createStore('counted');
    const caller = system.api.as(await system.createApiKey('counted'));
    const good = await system.createWebhook('counted', `${receiver.url}/good`);
    const bad = await system.createWebhook('counted', `${receiver.url}/bad`);
    receiver.answerWith((request, ...rest) => answerWith(request.path === '/bad' ? 503 : 201)(request, ...rest));
    const events = await Promise.all([1, 2, 3].map(() => system.publish(caller, 'counted', '{}')));
    for (const { id } of events) {
      await system.settled('counted', id, ({ status }) => status === 'delivered' || status === 'failed');
    }
    await expectStatus(200, system.api.operator.post(`/api/v1/stores/counted/webhooks/${good.id}/test`, {}));

    const stats = await read('counted');

    expect(stats.totals).toMatchObject({ accepted: 3, delivered: 3, failed: 3, attempts: 9, failedAttempts: 6 });
    expect(stats.totals).toMatchObject({ waiting: 0, held: 0, backlogExact: true });
    expect(stats.errorCodes).toEqual([{ code: 'http_error', count: 6 }]);
    expect(stats.statusCodes).toEqual([
      { code: 503, count: 6 },
      { code: 201, count: 3 },
    ]);
    expect(stats.webhooks).toMatchObject([
      { id: bad.id, url: `${receiver.url}/bad`, attempts: 6, failedAttempts: 6, failed: 3, successRate: 0 },
      { id: good.id, url: `${receiver.url}/good`, attempts: 3, delivered: 3, failed: 0, successRate: 1 },
    ]);
    expect(stats.bucketSeconds).toBe(3_600);
    expect(stats.buckets).toHaveLength((Date.parse(stats.until) - Date.parse(stats.since)) / 3_600_000);
    expect(stats.webhooks[0]?.buckets).toHaveLength(stats.buckets.length);
    const busy = stats.buckets.filter(({ attempts }) => attempts > 0);
    for (const { p50Ms, p95Ms } of busy) {
      expect(p50Ms).toBeGreaterThan(0);
      expect(p95Ms).toBeGreaterThanOrEqual(p50Ms ?? NaN);
    }
    expect(stats.buckets[0]).toMatchObject({ accepted: 0, attempts: 0, p50Ms: null, p95Ms: null });

    const ofGood = await read('counted', `?webhookId=${good.id}`);
    expect(ofGood.totals).toMatchObject({ accepted: null, attempts: 3, failedAttempts: 0 });
    expect(ofGood).toMatchObject({ errorCodes: [], webhooks: [{ id: good.id }] });
  });

  it('count what waits and what is held now', async () => {
    await system.createStore('waiting');
    const key = await system.createApiKey('waiting');
    await system.createWebhook('waiting', `${receiver.url}/bad`);
    receiver.answerWith(answerWith(503, { 'retry-after': '3600' }));
    const { id } = await system.publish(system.api.as(key), 'waiting', '{}');
    await system.settled('waiting', id, ({ status }) => status === 'retrying');
    expect((await read('waiting')).totals).toMatchObject({ waiting: 1, held: 0 });

    const path = `/api/v1/stores/waiting/api-keys/${key.id}`;
    await expectStatus(200, system.api.operator.patch(path, { activated: false }));
    await system.settled('waiting', id, ({ status }) => status === 'held');

    expect((await read('waiting')).totals).toMatchObject({ waiting: 0, held: 1 });
  });

  it('are of days where the window is longer than a week or begins more than eight days ago, and of whole buckets', async () => {
    await system.createStore('empty');
    const { since, until, bucketSeconds, buckets } = await read(
      'empty',
      '?since=2026-03-01T10:30:00Z&until=2026-03-10T01:00:00Z',
    );
    expect({ since, until, bucketSeconds }).toEqual({
      since: '2026-03-01T00:00:00.000Z',
      until: '2026-03-11T00:00:00.000Z',
      bucketSeconds: 86_400,
    });
    expect(buckets.map(({ at }) => at.slice(8, 10)).join()).toBe('01,02,03,04,05,06,07,08,09,10');
    const [old, recent] = await Promise.all(
      [10, 7].map((days) => {
        const sinceMs = Date.now() - days * 86_400_000;
        const window = { since: new Date(sinceMs).toISOString(), until: new Date(sinceMs + 3_600_000).toISOString() };
        return read('empty', `?${new URLSearchParams(window).toString()}`);
      }),
    );
    expect([old?.bucketSeconds, recent?.bucketSeconds]).toEqual([86_400, 3_600]);
  });

  it('begin and end at times that an answer can tell', async () => {
    const { until, buckets } = await read('empty', '?since=9999-12-31T10:00:00Z&until=9999-12-31T23:30:00Z');
    expect([until, buckets.at(-1)?.at]).toEqual(['9999-12-31T23:59:59.999Z', '9999-12-31T23:00:00.000Z']);
    const first = await read('empty', '?until=0001-01-01T12:00:00Z');
    expect([first.since, first.buckets[0]?.at]).toEqual(['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z']);
  });

  it('refuse a window that ends before it begins, one of more than a year, and what they do not know', async () => {
    for (const query of [
      'since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z',
      'since=2024-03-02T00:00:00Z&until=2026-03-01T00:00:00Z',
      'until=0001-01-01T00:00:00Z',
      'since=yesterday',
      'webhookId=evt_1',
      'limit=5',
    ]) {
      await expectStatus(400, system.api.operator.get(`/api/v1/stores/empty/stats?${query}`));
    }
  });
});

describe('the state of the system', () => {
  it('tells the operator of workers, queues and what waits', async () => {
    const system = await TestSystem.start('postgres');
    const shown = await expectStatus(200, system.api.operator.get<{ queues: object[] }>('/api/v1/system'));
    expect(shown).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      database: { ok: true },
      queue: { ok: true },
      workers: [{ id: expect.stringMatching(/^wrk_/), alive: true, leasedDeliveries: 0 }],
      outbox: { batches: 0, oldestAt: null },
      lanes: { due: 0, scheduled: 0, open: 0, held: 0 },
      oldestDueAt: null,
    });
    expect(shown.queues).toContainEqual({ name: 'events', waiting: 0, active: 0, delayed: 0 });
    await system.stop();
  });

  it('counts webhooks held by an expired key, and no open breaker of one that was disabled or deleted', async () => {
    const api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
    const shop = await openTestShop(api);
    await api.sql(`UPDATE gates SET failures = 10, open_until = now() + interval '1 minute'`);
    await api.sql(`UPDATE api_keys SET expires_at = now() - interval '1 second'`);
    const lanes = async () => (await api.operator.get<{ lanes: object }>('/api/v1/system')).body.lanes;
    expect(await lanes()).toMatchObject({ open: 1, held: 1 });
    await expectStatus(204, api.operator.delete(`${shop.path}/webhooks/${shop.webhookId}`));
    expect(await lanes()).toMatchObject({ open: 0, held: 0 });
    await api.close();
  });

  it('tells of it also when the database is away', async () => {
    const api = await startTestApi();
    await api.database.drop();
    const shown = await expectStatus(200, api.operator.get('/api/v1/system'));
    expect(shown).toMatchObject({ database: { ok: false }, workers: null, outbox: null, lanes: null });
    await api.close().catch(() => undefined);
  });
});
