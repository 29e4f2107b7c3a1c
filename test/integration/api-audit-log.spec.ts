import { mintId } from '@signpost/domain';
import {
  createApiKey,
  createStore,
  createWebhook,
  PUBLIC_URL,
  type ShownPage,
  type ShownProblem,
} from '../support/admin-objects';
import { setUp } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';

interface ShownEntry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly name: string | null;
    readonly address: string | null;
  };
  readonly object: { readonly kind: string; readonly id: string };
  readonly changes: { readonly before?: object; readonly after?: object };
}

let api: TestApi;
let store: string;

beforeAll(async () => {
  api = await startTestApi();
  store = await createStore(api, 'acme');
});
afterAll(() => api.close());

const entries = async (query = '') =>
  (await api.operator.get<ShownPage<ShownEntry>>(`${store}/audit-log${query}`)).body;

it('has one entry for each change, with what changed before and after, and who did it from where', async () => {
  const apiKey = await createApiKey(api, store, { description: 'first', permissions: ['orders:read'] });
  const keyPath = `${store}/api-keys/${apiKey.id}`;
  await api.operator.patch(keyPath, { description: 'second' });
  await api.operator.post(`${keyPath}/rotate-secret`, { overlapSeconds: 60 });
  await api.operator.post(`${keyPath}/reveal`);
  const webhook = await createWebhook(api, store);
  const webhookPath = `${store}/webhooks/${webhook.id}`;
  await api.operator.patch(webhookPath, { rateLimit: 5, description: '' });
  await api.operator.delete(`${keyPath}?force=true`);
  await api.operator.delete(webhookPath);

  const { data } = await entries();
  expect(data.map(({ action, object, changes }) => [action, object.id, changes])).toEqual([
    ['webhook.deleted', webhook.id, { before: expect.objectContaining({ apiKeyId: null, rateLimit: 5 }) as object }],
    ['api_key.deleted', apiKey.id, { before: expect.objectContaining({ webhooks: [webhook.id] }) as object }],
    ['webhook.updated', webhook.id, { before: { rateLimit: null }, after: { rateLimit: 5 } }],
    [
      'webhook.created',
      webhook.id,
      {
        after: {
          url: PUBLIC_URL,
          events: ['order.create'],
          description: '',
          apiKeyId: apiKey.id,
          rateLimit: null,
          enabled: true,
        },
      },
    ],
    ['api_key.revealed', apiKey.id, {}],
    ['api_key.secret_rotated', apiKey.id, { after: { overlapSeconds: 60 } }],
    ['api_key.updated', apiKey.id, { before: { description: 'first' }, after: { description: 'second' } }],
    [
      'api_key.created',
      apiKey.id,
      {
        after: {
          key: `spk_••••••••${apiKey.key.slice(-4)}`,
          description: 'first',
          permissions: ['orders:read'],
          activated: true,
          expiresAt: null,
          allowedCidrs: null,
          rateLimit: null,
        },
      },
    ],
    ['store.created', expect.stringMatching(/^str_/) as string, { after: { key: 'acme', name: 'Store acme' } }],
  ]);
  expect(
    data.every(({ actor }) => actor.kind === 'operator' && actor.id === null && actor.address === '127.0.0.1'),
  ).toBe(true);
  expect(data.every(({ id }) => /^aud_[0-9a-z]{26}$/.test(id))).toBe(true);
});

it('has no entry for a change that did not happen, and none for one that changed nothing', async () => {
  const apiKey = await createApiKey(api, store);
  const webhook = await createWebhook(api, store);
  const before = (await entries('?limit=1')).data[0];
  await api.operator.patch(`${store}/api-keys/${apiKey.id}`, { description: apiKey.description });
  await api.operator.patch(`${store}/webhooks/${webhook.id}`, { enabled: true });
  await api.operator.patch(`${store}/webhooks/${webhook.id}`, { url: 'http://10.0.0.1/' });
  await api.operator.delete(`${store}/api-keys/${apiKey.id}`);
  expect((await entries('?limit=1')).data[0]).toEqual(before);
});

it('says what who did it is called by now, on the page and in what is downloaded, and of nobody who is gone', async () => {
  const { browser } = await setUp(api);
  const named = await createStore(api, 'named');
  await browser.post(`${named}/api-keys`, { permissions: [] });
  const [kept, gone] = [await createApiKey(api, named), await createApiKey(api, named, { description: 'gone' })];
  for (const { id } of [kept, gone]) {
    await api.sql(
      `INSERT INTO audit_log (id, store_id, actor_kind, actor_id, action, object_kind, object_id, changes)
       SELECT $1, id, 'api_key', $2, 'delivery.retried', 'delivery', 'dlv_1', '{}' FROM stores WHERE key = 'named'`,
      [mintId('audit', Date.now()), id],
    );
  }
  await api.operator.patch(`${named}/api-keys/${kept.id}`, { description: 'Order system' });
  await api.operator.delete(`${named}/api-keys/${gone.id}`);
  const { data } = (await api.operator.get<ShownPage<ShownEntry>>(`${named}/audit-log`)).body;
  const namesOf = (kind: string) => data.filter(({ actor }) => actor.kind === kind).map(({ actor }) => actor.name);
  expect(namesOf('person')).toEqual(['Olga Operator']);
  expect(namesOf('api_key')).toEqual([null, 'Order system']);
  expect(namesOf('operator').every((name) => name === null)).toBe(true);
  const { text } = await api.operator.get(`${named}/audit-log/export?format=jsonl`);
  expect(text.split('\n').filter((line) => line.includes('Olga Operator'))).toHaveLength(1);
});

it('tells of a store that was deleted what it was', async () => {
  const path = await createStore(api, 'short-lived');
  await api.operator.delete(path);
  const { body } = await api.operator.get<ShownPage<ShownEntry>>('/api/v1/audit-log?action=store.deleted');
  expect(body.data.map(({ changes }) => changes)).toEqual([
    { before: { key: 'short-lived', name: 'Store short-lived' } },
  ]);
});

it('is taken back with the change when either cannot be kept', async () => {
  await api.sql(`ALTER TABLE audit_log ADD CONSTRAINT refuse CHECK (action <> 'api_key.created') NOT VALID`);
  try {
    const count = () => api.sql<{ count: string }>('SELECT count(*) FROM api_keys');
    const before = await count();
    expect((await api.operator.post(`${store}/api-keys`, { permissions: [] })).status).toBe(500);
    expect(await count()).toEqual(before);
  } finally {
    await api.sql('ALTER TABLE audit_log DROP CONSTRAINT refuse');
  }
});

it('is read in pages, newest first, and holds nothing of other stores', async () => {
  const other = await createStore(api, 'other');
  await createApiKey(api, other);
  const all = (await entries('?limit=250')).data;
  const seen: ShownEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: ShownPage<ShownEntry> = await entries(`?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
    seen.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(all);
  expect(seen.filter(({ action }) => action === 'store.created')).toHaveLength(1);
});

describe('filters', () => {
  it('pick entries by actor, action, object and time, alone and together', async () => {
    const apiKey = await createApiKey(api, store);
    await api.operator.post(`${store}/api-keys/${apiKey.id}/reveal`);
    const [revealed, created] = (await entries(`?objectId=${apiKey.id}`)).data;
    const idsOf = async (query: string) => (await entries(query)).data.map(({ id }) => id);
    expect([revealed?.action, created?.action]).toEqual(['api_key.revealed', 'api_key.created']);
    expect(await idsOf(`?objectId=${apiKey.id}&action=api_key.revealed`)).toEqual([revealed?.id]);
    expect((await idsOf('?action=api_key.revealed'))[0]).toBe(revealed?.id);
    expect((await idsOf('?actor=operator&limit=1'))[0]).toBe(revealed?.id);
    expect(await idsOf('?actor=system')).toEqual([]);
    expect(await idsOf(`?actor=${apiKey.id}`)).toEqual([]);
    expect(await idsOf(`?objectId=${apiKey.id}&since=${revealed?.at ?? ''}`)).toContain(revealed?.id);
    expect(await idsOf(`?objectId=${apiKey.id}&until=${created?.at ?? ''}`)).toEqual([]);
    const page = await entries(`?objectId=${apiKey.id}&limit=1`);
    expect(await idsOf(`?objectId=${apiKey.id}&limit=1&cursor=${page.nextCursor ?? ''}`)).toEqual([created?.id]);
  });

  it('name the actions that there are to who asks for another', async () => {
    const { status, body } = await api.operator.get<ShownProblem>(`${store}/audit-log?action=store.renamed`);
    expect([status, body.errors?.map(({ field, rule }) => `${field}: ${rule}`)]).toEqual([400, ['action: in']]);
    expect(body.detail).toContain('store.created, store.deleted, api_key.created');
  });

  it.each(['since=yesterday', 'actor=', 'colour=red', 'until=2026-02-30T00:00:00Z'])('refuse %s', async (query) => {
    expect((await api.operator.get(`${store}/audit-log?${query}`)).status).toBe(400);
  });
});

describe('the export', () => {
  const download = (query: string) => api.operator.get<string>(`${store}/audit-log/export?${query}`);

  it('has every entry of the list, in as many steps as it takes, as a file', async () => {
    await api.sql(
      `INSERT INTO audit_log (id, store_id, actor_kind, action, object_kind, object_id)
       SELECT lpad(to_hex(n), 32, '0')::uuid, id, 'system', 'webhook.disabled', 'webhook', 'whk_' || n
       FROM stores, generate_series(1, 1100) n WHERE key = 'acme'`,
    );
    const lines = await download('format=jsonl');
    expect([lines.status, lines.headers.get('content-type')]).toEqual([200, 'application/jsonl; charset=utf-8']);
    expect(lines.headers.get('content-disposition')).toBe('attachment; filename="audit-log-acme.jsonl"');
    const exported = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ShownEntry);
    expect(exported.length).toBeGreaterThan(1_100);
    expect(new Set(exported.map(({ id }) => id)).size).toBe(exported.length);
    expect(exported.slice(0, 50)).toEqual((await entries()).data);
    const csv = await download('format=csv&actor=system');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit-log-acme.csv"');
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(1_101);
  });

  it('is filtered like the list, and refused for another format or a limit, which would cut nothing off', async () => {
    const apiKey = await createApiKey(api, store, { description: '=HYPERLINK("http://evil.example")' });
    const { text } = await download(`format=csv&objectId=${apiKey.id}`);
    expect(text.split('\r\n')).toHaveLength(3);
    expect(text).toContain(`"api_key","${apiKey.id}"`);
    expect((await download('format=xlsx')).status).toBe(400);
    expect((await download('')).status).toBe(400);
    expect((await download('format=csv&limit=1')).status).toBe(400);
  });
});

it('of all stores is the operator’s, and keeps what was done in a store that is gone', async () => {
  const doomed = await createStore(api, 'doomed');
  const apiKey = await createApiKey(api, doomed);
  await api.operator.delete(doomed);
  expect((await api.operator.get(`${doomed}/audit-log`)).status).toBe(404);
  const { data } = (await api.operator.get<ShownPage<ShownEntry & { storeId: string }>>('/api/v1/audit-log?limit=3'))
    .body;
  expect(data.map(({ action }) => action)).toEqual(['store.deleted', 'api_key.created', 'store.created']);
  expect(new Set(data.map(({ storeId }) => storeId))).toEqual(new Set([data[0]?.object.id]));
  const { text } = await api.operator.get(`/api/v1/audit-log/export?format=jsonl&objectId=${apiKey.id}`);
  expect(text.trimEnd().split('\n')).toHaveLength(1);
});

it.each([
  ['changed', `UPDATE audit_log SET actor_id = 'somebody else'`],
  ['deleted', 'DELETE FROM audit_log'],
  ['emptied', 'TRUNCATE audit_log'],
])('cannot be %s, by whoever has the database', async (_name, statement) => {
  const before = await entries();
  await expect(api.sql(statement)).rejects.toThrow('The audit log is append-only');
  expect(await entries()).toEqual(before);
});
