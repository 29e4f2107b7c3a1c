import { createApiKey, createStore, createWebhook, PUBLIC_URL, type ShownPage } from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';

interface ShownEntry {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly address: string | null };
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
