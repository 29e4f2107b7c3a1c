import { createApiKey, createStore, createWebhook, type ShownPage, type ShownProblem } from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';

interface ShownStore {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly createdAt: string;
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

it('creates, shows and deletes a store, whose key is then free again', async () => {
  const created = await api.operator.post<ShownStore>('/api/v1/stores', { key: 'acme', name: 'Acme Ltd.' });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    id: expect.stringMatching(/^str_[0-9a-z]{26}$/) as string,
    key: 'acme',
    name: 'Acme Ltd.',
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
  });
  expect((await api.operator.get('/api/v1/stores/acme')).body).toEqual(created.body);

  const again = await api.operator.post<ShownProblem>('/api/v1/stores', { key: 'acme', name: 'Another' });
  expect([again.status, again.body.code]).toEqual([409, 'already_exists']);

  const deleted = await api.operator.delete('/api/v1/stores/acme');
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect((await api.operator.get('/api/v1/stores/acme')).status).toBe(404);
  expect((await api.operator.delete('/api/v1/stores/acme')).status).toBe(404);
  await createStore(api, 'acme');
});

it.each([' \u2003\n', '\u200b', '\u2060 \u00ad', '\u3164\u2800\ufe0f'])(
  'takes no name that nobody can see: %j',
  async (name) => {
    const answer = await api.operator.post<ShownProblem>('/api/v1/stores', { key: 'blank', name });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([
      { field: 'name', rule: 'matches', message: 'name must have a visible character.' },
    ]);
  },
);

it('gives one of many that ask for the same key at once the store, and tells the others that it exists', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => api.operator.post('/api/v1/stores', { key: 'race', name: 'Race' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
});

it('ends access, webhooks and their waiting deliveries with the store', async () => {
  const store = await createStore(api, 'closing');
  const apiKey = await createApiKey(api, store);
  await createWebhook(api, store);
  await api.sql(`UPDATE gates SET due_at = NULL`);
  await api.operator.delete(store);

  expect((await api.as(apiKey).get('/api/v1/event-types')).status).toBe(401);
  expect(await api.sql(`SELECT FROM api_keys k JOIN stores s ON s.id = k.store_id WHERE s.key = 'closing'`)).toEqual(
    [],
  );
  const [webhook] = await api.sql<{ deleted: boolean; due: boolean }>(
    `SELECT w.deleted_at IS NOT NULL AS deleted, g.due_at <= now() AS due
     FROM webhooks w JOIN stores s ON s.id = w.store_id JOIN gates g ON g.webhook_id = w.id WHERE s.key = 'closing'`,
  );
  expect(webhook).toEqual({ deleted: true, due: true });
});

it('lists stores newest first, in pages that neither repeat nor miss one', async () => {
  const keys = Array.from({ length: 7 }, (_, number) => `page-${number}`);
  for (const key of keys) await createStore(api, key);
  const seen: string[] = [];
  let path: string | null = '/api/v1/stores?limit=3';
  while (path !== null) {
    const { body }: { body: ShownPage<ShownStore> } = await api.operator.get<ShownPage<ShownStore>>(path);
    expect(body.data.length).toBeLessThanOrEqual(3);
    seen.push(...body.data.map(({ key }) => key));
    path = body.nextCursor === null ? null : `/api/v1/stores?limit=3&cursor=${body.nextCursor}`;
  }
  expect(seen.filter((key) => key.startsWith('page-'))).toEqual([...keys].reverse());
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).not.toContain('closing');
});

it('ends the last page of a list without a cursor, also when it is full', async () => {
  const { body } = await api.operator.get<ShownPage<ShownStore>>('/api/v1/stores?limit=250');
  const exact = await api.operator.get<ShownPage<ShownStore>>(`/api/v1/stores?limit=${body.data.length}`);
  expect(exact.body).toEqual({ data: body.data, nextCursor: null });
});
