import { decodeId } from '@signpost/domain';
import { RecoveryRunner } from '../support/recovery-runner';
import { startTestApi, type TestApi } from '../support/test-api';
import { openTestShop, type TestShop } from '../support/test-shop';
import { expectStatus } from '../support/test-system';

interface Recovery {
  readonly id: string;
  readonly state: string;
  readonly webhookId: string | null;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly matched: number;
  readonly requeued: number;
  readonly skipped: number;
  readonly createdAt: string;
}

interface Problem {
  readonly code: string;
  readonly errors?: readonly { readonly field: string; readonly rule: string }[];
}

const HOUR_MS = 3_600_000;
const NEVER = 'whk_01jp9b3s5vex7rj3b9k5d2a8hm';

/** No worker runs here: rows are put into the log as workers leave them, and steps are made by the tests themselves. */
describe('recoveries over HTTP', () => {
  let api: TestApi;
  let runner: RecoveryRunner;

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_ATTEMPT_TIMEOUT: '100ms', SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
    runner = await RecoveryRunner.open(api);
  });
  afterAll(async () => {
    await runner.close();
    await api.close();
  });

  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

  function recover(
    { path, webhookId }: TestShop,
    body: object,
  ): ReturnType<typeof api.operator.post<Recovery & Problem>> {
    return api.operator.post(`${path}/webhooks/${webhookId}/recover`, body);
  }

  function retry({ path }: TestShop, filter: unknown): ReturnType<typeof api.operator.post<Recovery & Problem>> {
    return api.operator.post(`${path}/deliveries/retry`, { filter });
  }

  async function finish(shop: TestShop, { id }: Recovery, limits = {}): Promise<Recovery> {
    await runner.run(id, limits);
    return expectStatus(200, api.operator.get<Recovery>(`${shop.path}/recoveries/${id}`));
  }

  /** The deliveries that were made due again, oldest first. */
  async function requeued(shop: TestShop): Promise<string[]> {
    const path = `${shop.path}/deliveries?status=queued&limit=250`;
    const { data } = (await api.operator.get<{ data: { id: string; trigger: string }[] }>(path)).body;
    return data
      .filter(({ trigger }) => trigger === 'recovery')
      .map(({ id }) => id)
      .reverse();
  }

  it('take what is not on its way as it was when they were asked for, and never a test', async () => {
    const shop = await openTestShop(api);
    const event = await shop.rows.event();
    const failed = await shop.rows.delivery(event, {
      status: 'failed',
      attempts_made: 10,
      // A worker's clock, which may be ahead.
      last_attempt_at: new Date(Date.now() + HOUR_MS),
    });
    const canceled = await shop.rows.delivery(event, { status: 'canceled', attempts_made: 0 });
    await shop.rows.delivery(event, { status: 'delivered' });
    const inAnHour = { status: 'retrying', due_at: new Date(Date.now() + HOUR_MS) };
    const retrying = await shop.rows.delivery(event, { ...inAnHour, waiting: true });
    await shop.rows.delivery(event, { ...inAnHour, waiting: false });
    await shop.rows.delivery(event, { status: 'held', waiting: true });
    await shop.rows.delivery(event, { status: 'failed', trigger: 'test' });
    const recovery = await expectStatus(202, recover(shop, { since: ago(HOUR_MS) }));
    await shop.rows.delivery(event, { status: 'failed' }, Date.now() + 1_000);
    await api.sql(`UPDATE deliveries SET status = 'failed', due_at = now() WHERE status = 'retrying' AND NOT waiting`);

    expect(await finish(shop, recovery)).toMatchObject({ state: 'done', matched: 3, requeued: 3, skipped: 0 });

    expect(await requeued(shop)).toEqual([failed, canceled, retrying]);
    const [row] = await api.sql(`SELECT * FROM deliveries WHERE id = $1`, [decodeId('delivery', failed)]);
    expect(row).toMatchObject({ waiting: true, attempts_made: 0, resume_at: null, lease_id: null });
    const [gate] = await api.sql<{ due: boolean }>('SELECT due_at <= now() AS due FROM gates WHERE webhook_id = $1', [
      decodeId('webhook', shop.webhookId),
    ]);
    expect(gate?.due).toBe(true);
  });

  it('keep to their window and their statuses', async () => {
    const shop = await openTestShop(api);
    const event = await shop.rows.event();
    const nowMs = Date.now();
    const at = (msAgo: number, status: string): Promise<string> => shop.rows.delivery(event, { status }, nowMs - msAgo);
    const [, first, second] = [await at(3_001, 'failed'), await at(3_000, 'failed'), await at(2_001, 'delivered')];
    await at(2_500, 'canceled');
    await at(2_000, 'failed');
    const window = { since: new Date(nowMs - 3_000).toISOString(), until: new Date(nowMs - 2_000).toISOString() };

    const recovery = await expectStatus(202, recover(shop, { ...window, statuses: ['failed', 'delivered'] }));

    expect(recovery).toMatchObject({ webhookId: shop.webhookId, state: 'running' });
    expect(recovery.filter).toMatchObject({ ...window, statuses: ['failed', 'delivered'], webhookId: shop.webhookId });
    await finish(shop, recovery);
    expect(await requeued(shop)).toEqual([first, second]);
  });

  it('of a webhook take what failed or was canceled in the window, though it began hours before', async () => {
    const shop = await openTestShop(api);
    const nowMs = Date.now();
    const event = await shop.rows.event();
    const at = (msAgo: number): Date => new Date(nowMs - msAgo);
    const old = (columns: object): Promise<string> => shop.rows.delivery(event, columns, nowMs - 20 * HOUR_MS);
    const failed = await old({ status: 'failed', last_attempt_at: at(2_500) });
    const canceled = await old({ status: 'canceled', last_attempt_at: at(9_000), due_at: at(2_500) });
    await old({ status: 'failed', last_attempt_at: at(3_500) });
    await old({ status: 'failed', last_attempt_at: at(1_500) });
    await old({ status: 'canceled', last_attempt_at: at(2_500), due_at: at(9_000) });
    await old({ status: 'canceled', last_attempt_at: null, due_at: at(9_000) });

    const window = { since: at(3_000).toISOString(), until: at(2_000).toISOString() };
    await finish(shop, await expectStatus(202, recover(shop, window)));

    expect(await requeued(shop)).toEqual([failed, canceled].toSorted());
  });

  it('find all that match, in steps of any size', async () => {
    for (const limits of [{ requeuedMax: 1 }, { lookedAtMax: 1 }, { requeuedMax: 3, lookedAtMax: 4 }, {}]) {
      const shop = await openTestShop(api);
      const event = await shop.rows.event();
      const failed: string[] = [];
      for (const status of ['failed', 'delivered', 'failed', 'failed', 'delivered', 'delivered', 'failed']) {
        const id = await shop.rows.delivery(event, { status });
        if (status === 'failed') failed.push(id);
      }
      const recovery = await expectStatus(202, retry(shop, { status: 'failed' }));
      expect(await finish(shop, recovery, limits)).toMatchObject({ state: 'done', requeued: 4 });
      expect(await requeued(shop)).toEqual(failed.toSorted());
    }
  });

  it('by filter take the same deliveries that the log shows by it', async () => {
    const shop = await openTestShop(api);
    const [event, other] = [await shop.rows.event(), await shop.rows.event({ type: 'order.cancel' })];
    const wanted = {
      event_type: 'order.cancel',
      status: 'failed',
      last_status_code: 503,
      last_error_code: 'http_error',
    };
    const nowMs = Date.now() - 1_000;
    const id = await shop.rows.delivery(other, wanted, nowMs);
    await shop.rows.delivery(event, { status: 'canceled' }, nowMs - 1_000);
    const since = new Date(nowMs).toISOString();
    const filters = [
      { eventId: other },
      { eventType: 'order.cancel' },
      { statusCode: 503 },
      { errorCode: 'http_error' },
      { status: 'failed' },
      { statuses: ['failed'] },
      { since },
      {
        webhookId: shop.webhookId,
        eventId: other,
        eventType: 'order.cancel',
        statusCode: 503,
        statuses: ['failed'],
        since,
      },
    ];
    for (const filter of filters) {
      const recovery = await expectStatus(202, retry(shop, filter));
      expect(await finish(shop, recovery)).toMatchObject({ matched: 1, requeued: 1 });
      expect(await requeued(shop)).toEqual([id]);
      await api.sql(`UPDATE deliveries SET status = 'failed', waiting = false, trigger = 'schedule' WHERE id = $1`, [
        decodeId('delivery', id),
      ]);
    }
    for (const filter of [{ webhookId: NEVER }, { statusCode: 500 }, { until: ago(HOUR_MS) }]) {
      expect(await finish(shop, await expectStatus(202, retry(shop, filter)))).toMatchObject({ matched: 0 });
    }
    const both = await expectStatus(202, retry(shop, { webhookId: shop.webhookId }));
    expect(await finish(shop, both)).toMatchObject({ webhookId: shop.webhookId, matched: 2, requeued: 2 });
  });

  it('skip and count what cannot be sent: a webhook that is deleted or disabled, a payload past its retention', async () => {
    const shop = await openTestShop(api);
    const settings = { url: 'http://127.0.0.1:9/hook', events: ['order.create'] };
    const newWebhook = async (): Promise<string> =>
      (await expectStatus(201, api.operator.post<{ id: string }>(`${shop.path}/webhooks`, settings))).id;
    const [deleted, disabled] = [await newWebhook(), await newWebhook()];
    const event = await shop.rows.event();
    for (const id of [deleted, disabled]) {
      await shop.rows.delivery(event, { status: 'failed', webhook_id: decodeId('webhook', id) });
    }
    await shop.rows.delivery(await shop.rows.event({ data: null }), { status: 'failed' });
    const sendable = await shop.rows.delivery(event, { status: 'failed' });
    await expectStatus(204, api.operator.delete(`${shop.path}/webhooks/${deleted}`));
    await expectStatus(200, api.operator.patch(`${shop.path}/webhooks/${disabled}`, { enabled: false }));

    const recovery = await expectStatus(202, retry(shop, { status: 'failed' }));

    expect(await finish(shop, recovery)).toMatchObject({ matched: 4, requeued: 1, skipped: 3 });
    expect(await requeued(shop)).toEqual([sendable]);
  });

  it('of a disabled webhook are refused until it is enabled', async () => {
    const shop = await openTestShop(api);
    await expectStatus(200, api.operator.patch(`${shop.path}/webhooks/${shop.webhookId}`, { enabled: false }));
    const { code } = await expectStatus(409, recover(shop, { since: ago(HOUR_MS) }));
    expect(code).toBe('webhook_disabled');
    expect((await api.operator.get<{ data: unknown[] }>(`${shop.path}/recoveries`)).body.data).toEqual([]);
    await expectStatus(200, api.operator.patch(`${shop.path}/webhooks/${shop.webhookId}`, { enabled: true }));
    await expectStatus(202, recover(shop, { since: ago(HOUR_MS) }));
  });

  it('end with their store', async () => {
    const shop = await openTestShop(api);
    const { id } = await expectStatus(202, recover(shop, { since: ago(HOUR_MS) }));
    await expectStatus(204, api.operator.delete(shop.path));
    expect(await runner.run(id)).toMatchObject([{ requeued: 0, finished: true }]);
    const [row] = await api.sql('SELECT state FROM recoveries WHERE id = $1', [decodeId('recovery', id)]);
    expect(row).toEqual({ state: 'canceled' });
  });

  it('of another store are not there, and API keys may not ask for any', async () => {
    const [shop, other] = [await openTestShop(api), await openTestShop(api)];
    const { id } = await expectStatus(202, recover(shop, { since: ago(HOUR_MS) }));
    await expectStatus(404, api.operator.get(`${other.path}/recoveries/${id}`));
    const since = { since: ago(HOUR_MS) };
    await expectStatus(404, api.operator.post(`${other.path}/webhooks/${shop.webhookId}/recover`, since));
    await expectStatus(404, api.operator.post(`${shop.path}/webhooks/${NEVER}/recover`, since));
    await expectStatus(404, other.producer.get(`${shop.path}/recoveries/${id}`));
    await expectStatus(403, shop.producer.get(`${shop.path}/recoveries/${id}`));
    await expectStatus(403, shop.producer.post(`${shop.path}/webhooks/${shop.webhookId}/recover`, since));
    await expectStatus(403, shop.producer.post(`${shop.path}/deliveries/retry`, { filter: { status: 'failed' } }));

    const ids = [(await expectStatus(202, retry(shop, { status: 'failed' }))).id, id];
    const pages = [`limit=1`, ''].map((query) =>
      expectStatus(
        200,
        api.operator.get<{ data: Recovery[]; nextCursor: string | null }>(`${shop.path}/recoveries?${query}`),
      ),
    );
    const [first, all] = await Promise.all(pages);
    expect(all?.data.map((recovery) => recovery.id)).toEqual(ids);
    expect(first?.data.map((recovery) => recovery.id)).toEqual(ids.slice(0, 1));
    expect(first?.nextCursor).toEqual(expect.any(String));
  });

  it('name every bad field', async () => {
    const shop = await openTestShop(api);
    const fieldsOf = async (answer: ReturnType<typeof retry>): Promise<Set<string>> =>
      new Set((await expectStatus(400, answer)).errors?.map(({ field, rule }) => `${field} ${rule}`));

    expect(await fieldsOf(recover(shop, {}))).toEqual(new Set(['since required']));
    const bad = { since: 'yesterday', until: null, statuses: ['queued'], webhookId: shop.webhookId };
    expect(await fieldsOf(recover(shop, bad))).toEqual(
      new Set(['since iso_time', 'until iso_time', 'statuses in', 'webhookId unknown_property']),
    );
    expect(await fieldsOf(recover(shop, { since: ago(-HOUR_MS) }))).toEqual(new Set(['since empty_window']));
    const backwards = { since: ago(HOUR_MS), until: ago(2 * HOUR_MS) };
    expect(await fieldsOf(recover(shop, backwards))).toEqual(new Set(['since empty_window']));
    expect(await fieldsOf(retry(shop, backwards))).toEqual(new Set(['filter.since empty_window']));

    expect(await fieldsOf(retry(shop, undefined))).toEqual(new Set(['filter required']));
    expect(await fieldsOf(retry(shop, {}))).toEqual(new Set(['filter empty_filter']));
    expect(await fieldsOf(retry(shop, 'failed'))).toContain('filter object');
    expect(await fieldsOf(retry(shop, { status: 'failed', statuses: ['failed'] }))).toEqual(
      new Set(['filter.status exclusive']),
    );
    expect(await fieldsOf(retry(shop, { status: 'held', statusCode: 99, limit: 5 }))).toEqual(
      new Set(['filter.status in', 'filter.statusCode min', 'filter.limit unknown_property']),
    );
  });

  it('are in the audit log, as are retries by hand and tests', async () => {
    const shop = await openTestShop(api);
    const id = await shop.rows.delivery(await shop.rows.event(), { status: 'failed' });
    const recovery = await expectStatus(202, recover(shop, { since: ago(HOUR_MS) }));
    const retried = await expectStatus(202, retry(shop, { errorCode: 'http_error' }));
    await expectStatus(202, api.operator.post(`${shop.path}/deliveries/${id}/retry`));
    await expectStatus(504, api.operator.post(`${shop.path}/webhooks/${shop.webhookId}/test`, {}));

    const { data } = (await api.operator.get<{ data: object[] }>(`${shop.path}/audit-log?limit=4`)).body;

    const webhook = { kind: 'webhook', id: shop.webhookId };
    expect(data).toMatchObject([
      { action: 'webhook.tested', object: webhook, actor: { kind: 'operator' } },
      { action: 'delivery.retried', object: { kind: 'delivery', id }, changes: { before: { status: 'failed' } } },
      {
        action: 'deliveries.retried',
        object: { kind: 'deliveries', id: retried.id },
        changes: { after: { errorCode: 'http_error', statuses: ['failed', 'canceled', 'retrying'] } },
      },
      { action: 'webhook.recovered', object: webhook, changes: { after: { recoveryId: recovery.id } } },
    ]);
  });
});
