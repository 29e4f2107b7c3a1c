import { decodeId } from '@signpost/domain';
import { createApiKey } from '../support/admin-objects';
import { WatchedStream } from '../support/watched-stream';
import { startTestApi, type TestApi } from '../support/test-api';
import { basic, bearer } from '../support/test-client';
import { openTestShop, type TestShop } from '../support/test-shop';

interface Shown {
  readonly id: string;
  readonly status: string;
}

const OPERATOR = bearer('operator-token-of-the-tests');

/** No worker runs here: rows are put into the log, and changed, as a worker in another process does it. */
describe('the live tail', () => {
  let api: TestApi;
  const open: WatchedStream[] = [];

  beforeAll(async () => {
    api = await startTestApi({ settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' } });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((stream) => stream.close()));
  });
  afterAll(() => api.close());

  async function watch(shop: TestShop, query = '', headers: Record<string, string> = {}): Promise<WatchedStream> {
    const url = `${api.url}${shop.path}/deliveries/stream${query}`;
    const stream = await WatchedStream.open(url, { authorization: OPERATOR, ...headers });
    open.push(stream);
    return stream;
  }

  async function settle(id: string, status: string): Promise<void> {
    await api.sql(`UPDATE deliveries SET status = $2, last_attempt_at = now(), waiting = false WHERE id = $1`, [
      decodeId('delivery', id),
      status,
    ]);
  }

  it('tells of each delivery as it is made and settled, as the list shows it, to everybody who watches', async () => {
    const shop = await openTestShop(api);
    const old = await shop.rows.delivery(await shop.rows.event());
    const streams = [await watch(shop), await watch(shop)];
    const id = await shop.rows.delivery(await shop.rows.event(), { status: 'queued', attempts_made: 0 });

    for (const stream of streams) {
      expect(await stream.event<Shown>(0)).toMatchObject({ name: 'delivery', data: { id, status: 'queued' } });
    }
    await settle(id, 'delivered');

    const listed = await api.operator.get<{ data: Shown[] }>(`${shop.path}/deliveries`);
    for (const stream of streams) expect((await stream.event<Shown>(1)).data).toEqual(listed.body.data[0]);
    expect(listed.body.data.map((shown) => shown.id)).toEqual([id, old]);
  });

  it('leaves places to others when one caller watches very often, or very many watch one store', async () => {
    const [shop, other] = [await openTestShop(api), await openTestShop(api)];
    const third = { authorization: basic(await createApiKey(api, shop.path)) };
    for (const authorization of [basic(shop.apiKey), OPERATOR]) {
      for (let count = 0; count < 25; count += 1) await watch(shop, '', { authorization });
      await expect(watch(shop, '', { authorization })).rejects.toThrow(/was 429.*rate_limited/);
    }
    await expect(watch(shop, '', third)).rejects.toThrow(/was 429.*rate_limited/);
    await expect(watch(other)).resolves.toBeDefined();
  });

  it('tells of an attempt at a delivery that is older than what is looked at', async () => {
    const shop = await openTestShop(api);
    const dayAgoMs = Date.now() - 86_000_000;
    const id = await shop.rows.delivery(await shop.rows.event({ atMs: dayAgoMs }), { status: 'retrying' }, dayAgoMs);
    const stream = await watch(shop);

    await settle(id, 'failed');
    await shop.rows.attempt(id, 2, 503);

    expect((await stream.event<Shown>(0)).data).toMatchObject({ id, status: 'failed' });
  });

  it('tells of what passes the filters, and of nothing of another store', async () => {
    const [shop, other] = [await openTestShop(api), await openTestShop(api)];
    const stream = await watch(shop, `?status=failed&webhookId=${shop.webhookId}&statusCode=503`);

    await other.rows.delivery(await other.rows.event(), { status: 'failed', last_status_code: 503 });
    await shop.rows.delivery(await shop.rows.event(), { status: 'failed', last_status_code: 500 });
    await shop.rows.delivery(await shop.rows.event());
    const id = await shop.rows.delivery(await shop.rows.event(), { status: 'failed', last_status_code: 503 });

    expect((await stream.event<Shown>(0)).data.id).toBe(id);
  });

  it('shows an API key the types that it may read, and is closed to one that may read none', async () => {
    const shop = await openTestShop(api);
    const stream = await watch(shop, '', { authorization: basic(shop.apiKey) });
    await shop.rows.delivery(await shop.rows.event(), { event_type: 'product.create' });
    const id = await shop.rows.delivery(await shop.rows.event());
    expect((await stream.event<Shown>(0)).data.id).toBe(id);

    const mute = await openTestShop(api, []);
    expect((await mute.producer.get(`${mute.path}/deliveries/stream`)).status).toBe(403);
    expect((await api.operator.get(`${shop.path}/deliveries/stream?status=lost&limit=1`)).status).toBe(400);
  });

  it('tells a key that was switched off, or may no longer read, of nothing more, and ends', async () => {
    const shop = await openTestShop(api);
    for (const patch of [{ permissions: ['orders:write'] }, { activated: false }]) {
      const path = `${shop.path}/api-keys/${shop.apiKey.id}`;
      await api.operator.patch(path, { permissions: ['orders:read'], activated: true });
      const stream = await watch(shop, '', { authorization: basic(shop.apiKey) });
      await shop.rows.delivery(await shop.rows.event());
      await stream.event(0);

      await api.operator.patch(path, patch);
      await shop.rows.delivery(await shop.rows.event());

      await stream.ended;
      expect(stream.count).toBe(1);
    }
  });

  it('goes on after the last event that was seen', async () => {
    const shop = await openTestShop(api);
    const stream = await watch(shop);
    const seen = await shop.rows.delivery(await shop.rows.event());
    const { id: lastEventId } = await stream.event<Shown>(0);
    await stream.close();
    const missed = await shop.rows.delivery(await shop.rows.event());

    const resumed = await watch(shop, '', { 'last-event-id': lastEventId });

    // What was told shortly before may come again.
    const { data } = await resumed.event<Shown>(0);
    expect([seen, missed]).toContain(data.id);
    if (data.id === seen) expect((await resumed.event<Shown>(1)).data.id).toBe(missed);
  });

  it('is an event stream that nothing on the way may keep, with the headers of every answer', async () => {
    const shop = await openTestShop(api);
    const { headers } = await watch(shop);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is forgotten when its reader goes', async () => {
    const shop = await openTestShop(api);
    const stream = await watch(shop);
    await shop.rows.delivery(await shop.rows.event());
    await stream.event(0);
    await stream.close();

    expect(await openTails()).toBe(0);
  });

  it('is not opened by whoever asks only for its head', async () => {
    const shop = await openTestShop(api);

    const { status, headers } = await api.operator.send('HEAD', `${shop.path}/deliveries/stream`, {});

    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const metrics = await api.nobody.get<string>('/metrics');
    expect(metrics.body).toMatch(/^signpost_live_tails 0$/m);
  });

  it('ends when the server stops, as a whole answer, and none is opened after', async () => {
    const other = await startTestApi({
      database: api.database,
      settings: { SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8' },
    });
    const shop = await openTestShop(other);
    const stream = await WatchedStream.open(`${other.url}${shop.path}/deliveries/stream`, { authorization: OPERATOR });

    await other.close();

    await expect(stream.ended).resolves.toBeUndefined();
  });

  /** Asks until no stream is counted, at the latest when the test times out. */
  async function openTails(): Promise<number> {
    for (;;) {
      const metrics = await api.nobody.get<string>('/metrics');
      const count = Number(/^signpost_live_tails (\d+)$/m.exec(metrics.body)?.[1]);
      if (count === 0) return count;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
