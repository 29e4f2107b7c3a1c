import { Client } from 'pg';
import { createApiKey, createStore, createWebhook, type ShownApiKey, type ShownPage } from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';
import { expectStatus } from '../support/test-system';

interface Standing {
  readonly lastUsedAt: string | null;
  readonly warnings: readonly string[];
}
interface Usage extends Standing {
  readonly buckets: readonly { at: string; operation: string; allowed: number; refused: number }[];
}

let api: TestApi;
let store: string;

beforeAll(async () => {
  api = await startTestApi();
  store = await createStore(api, 'acme');
});
afterAll(() => api.close());

const viewOf = ({ id }: { id: string }) =>
  expectStatus(200, api.operator.get<ShownApiKey & Standing>(`${store}/api-keys/${id}`));
const usageOf = ({ id }: { id: string }, query = '') =>
  expectStatus(200, api.operator.get<Usage>(`${store}/api-keys/${id}/usage${query}`));

/** How many calls were allowed, and how many refused. */
const totalsOf = (buckets: Usage['buckets']) => ({
  allowed: buckets.reduce((sum, { allowed }) => sum + allowed, 0),
  refused: buckets.reduce((sum, { refused }) => sum + refused, 0),
});

/** Moves a key, and what it was used for, into the past. */
const age = async (apiKey: ShownApiKey, days: number) => {
  const [past, which] = [`interval '${days} days'`, [apiKey.key]];
  const id = `(SELECT id FROM api_keys WHERE key_hash = sha256(convert_to($1, 'UTF8')))`;
  await api.sql(`UPDATE api_key_last_uses SET last_used_at = last_used_at - ${past} WHERE api_key_id = ${id}`, which);
  await api.sql(
    `UPDATE api_keys SET created_at = created_at - ${past}, rotated_at = rotated_at - ${past} WHERE id = ${id}`,
    which,
  );
};

/** A second process: closing it writes down what it counted. */
const whileServing = async (work: (instance: TestApi) => Promise<void>) => {
  const instance = await startTestApi({ database: api.database });
  try {
    await work(instance);
  } finally {
    await instance.close();
  }
};

it('counts what each key is used for, refused calls too, and has written it down when the process has stopped', async () => {
  const apiKey = await createApiKey(api, store, { permissions: ['orders:write', 'orders:read'] });
  const foreign = await createStore(api, 'foreign');
  expect(await viewOf(apiKey)).toMatchObject({ lastUsedAt: null, warnings: [] });
  const startedAtMs = Date.now();
  await whileServing(async (instance) => {
    const client = instance.as(apiKey);
    await expectStatus(202, client.post(`${store}/events`, { type: 'order.create', data: {} }));
    await expectStatus(202, client.post(`${store}/events`, { type: 'order.cancel', data: {} }));
    await expectStatus(403, client.post(`${store}/events`, { type: 'product.create', data: {} }));
    await expectStatus(401, instance.as({ ...apiKey, secret: 'wrong' }).get(`${store}/events`));
    await expectStatus(404, client.get(`${foreign}/events`));
    await expectStatus(404, client.get(`${store}/events/evt_00000000000000000000000000`));
    const { key, secret } = apiKey;
    await expectStatus(200, instance.operator.post('/api/v1/keys/verify', { key, secret }));
  });
  const { buckets, lastUsedAt, warnings } = await usageOf(apiKey);
  // The hour may have changed in between.
  const sums = new Map<string, [number, number]>();
  for (const { operation, allowed, refused } of buckets) {
    const [before, refusedBefore] = sums.get(operation) ?? [0, 0];
    sums.set(operation, [before + allowed, refusedBefore + refused]);
  }
  expect(Object.fromEntries(sums)).toEqual({
    'POST /events': [2, 1],
    'GET /events': [0, 2],
    'GET /events/:id': [1, 0],
    'verified by another service': [1, 0],
  });
  expect(buckets.every(({ at }) => at.endsWith(':00:00.000Z'))).toBe(true);
  expect(Date.parse(lastUsedAt ?? '')).toBeGreaterThanOrEqual(startedAtMs);
  expect(warnings).toEqual([]);
  const list = await expectStatus(200, api.operator.get<ShownPage<ShownApiKey & Standing>>(`${store}/api-keys`));
  expect(list.data.find(({ id }) => id === apiKey.id)).toMatchObject({ lastUsedAt, warnings: [] });
});

it('counts as refused, and as no use, what a key that is remembered sends once it is switched off, mistaken or not', async () => {
  const apiKey = await createApiKey(api, store);
  let switchedOffAtMs = 0;
  await whileServing(async (instance) => {
    const publish = (type: string) => instance.as(apiKey).post(`${store}/events`, { type, data: {} });
    await expectStatus(202, publish('order.create'));
    await expectStatus(200, api.operator.patch(`${store}/api-keys/${apiKey.id}`, { activated: false }));
    switchedOffAtMs = Date.now();
    await expectStatus(401, publish('order.made'));
    await expectStatus(401, publish('order.create'));
  });
  const { buckets, lastUsedAt } = await usageOf(apiKey);
  expect(totalsOf(buckets)).toEqual({ allowed: 1, refused: 2 });
  expect(Date.parse(lastUsedAt ?? '')).toBeLessThanOrEqual(switchedOffAtMs);
});

it('counts the wrong secrets that other services of its store, or the operator, show for a key; those of other stores count nothing', async () => {
  const [apiKey, colleague] = [await createApiKey(api, store), await createApiKey(api, store)];
  const stranger = await createApiKey(api, await createStore(api, 'strange'));
  await whileServing(async (instance) => {
    const shown = { key: apiKey.key, secret: 'wrong' };
    for (const client of [instance.operator, instance.as(colleague), instance.as(stranger)]) {
      const view = await expectStatus(200, client.post<{ code: string }>('/api/v1/keys/verify', shown));
      expect(view.code).toBe('unknown_key');
    }
  });
  const { buckets, lastUsedAt } = await usageOf(apiKey);
  expect(new Set(buckets.map(({ operation }) => operation))).toEqual(new Set(['verified by another service']));
  expect({ ...totalsOf(buckets), lastUsedAt }).toEqual({ allowed: 0, refused: 2, lastUsedAt: null });
});

it('shows the hours of a span that is asked for, and refuses one that is none or too long', async () => {
  const apiKey = await createApiKey(api, store);
  await whileServing((instance) =>
    expectStatus(200, instance.as(apiKey).get('/api/v1/event-types')).then(() => undefined),
  );
  expect((await usageOf(apiKey, `?until=${new Date(Date.now() - 2 * 3_600_000).toISOString()}`)).buckets).toEqual([]);
  // The hour in which it was used began before.
  const since = new Date(Date.now() - 1).toISOString();
  expect((await usageOf(apiKey, `?since=${since}`)).buckets).toHaveLength(1);
  for (const query of ['?since=2100-01-01T00:00:00Z', '?since=2020-01-01T00:00:00Z', '?until=yesterday']) {
    expect((await api.operator.get(`${store}/api-keys/${apiKey.id}/usage${query}`)).status).toBe(400);
  }
  const rival = await createStore(api, 'rival');
  expect((await api.operator.get(`${rival}/api-keys/${apiKey.id}/usage`)).status).toBe(404);
});

describe('a key is warned of', () => {
  it('when it was not used for 30 days, unless it signs for a webhook that is enabled', async () => {
    const apiKey = await createApiKey(api, store);
    await age(apiKey, 29);
    expect((await viewOf(apiKey)).warnings).toEqual([]);
    await age(apiKey, 2);
    expect((await viewOf(apiKey)).warnings).toEqual(['unused']);
    const webhook = await createWebhook(api, store, { apiKeyId: apiKey.id });
    expect((await viewOf(apiKey)).warnings).toEqual([]);
    await api.operator.patch(`${store}/webhooks/${webhook.id}`, { enabled: false });
    expect((await viewOf(apiKey)).warnings).toEqual(['unused']);
  });

  it('when its secret is older than 180 days, until it is rotated', async () => {
    const apiKey = await createApiKey(api, store);
    await age(apiKey, 181);
    expect((await viewOf(apiKey)).warnings).toEqual(['unused', 'old']);
    await api.operator.post(`${store}/api-keys/${apiKey.id}/rotate-secret`, {});
    expect((await viewOf(apiKey)).warnings).toEqual(['unused']);
  });

  it('when it has permissions that 30 days of use had no need of', async () => {
    const apiKey = await createApiKey(api, store, { permissions: ['orders:write', 'orders:read'] });
    await age(apiKey, 31);
    await whileServing(async (instance) => {
      const client = instance.as(apiKey);
      await expectStatus(202, client.post(`${store}/events`, { type: 'order.create', data: {} }));
    });
    expect((await viewOf(apiKey)).warnings).toEqual(['too_many_permissions']);
    await whileServing((instance) =>
      expectStatus(200, instance.as(apiKey).get(`${store}/events`)).then(() => undefined),
    );
    expect((await viewOf(apiKey)).warnings).toEqual([]);
  });
});

it('is written down in the midst of serving, and no call waits for that', async () => {
  const apiKey = await createApiKey(api, store);
  const holder = new Client({ connectionString: api.database.url });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE api_key_usage, api_key_last_uses');
  const calls = Array.from({ length: 20 }, () => api.as(apiKey).get(`${store}/events`));
  expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
  await holder.query('COMMIT');
  await holder.end();
  let counted = 0;
  while (counted < 20) {
    counted = totalsOf((await usageOf(apiKey)).buckets).allowed;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(counted).toBe(20);
});
