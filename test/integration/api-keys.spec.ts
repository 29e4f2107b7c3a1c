import { SqlClient } from '@signpost/database';
import { Client } from 'pg';
import {
  createApiKey,
  createStore,
  createWebhook,
  PUBLIC_URL,
  type ShownApiKey,
  type ShownPage,
  type ShownProblem,
  type ShownWebhook,
} from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';

interface Verdict {
  readonly valid: boolean;
  readonly code: string;
  readonly storeKey: string | null;
  readonly keyId: string | null;
  readonly permissions: readonly string[];
}

/** A second instance on the same database: what one changes must hold on the other at once. */
let api: TestApi;
let other: TestApi;
let store: string;

beforeAll(async () => {
  api = await startTestApi();
  other = await startTestApi({ database: api.database });
  store = await createStore(api, 'acme');
});
afterAll(async () => {
  await other.close();
  await api.close();
});

const verify = async (
  instance: TestApi,
  { key, secret, permission }: { key: string; secret: string; permission?: string },
) => (await instance.operator.post<Verdict>('/api/v1/keys/verify', { key, secret, permission })).body;

/** The status of a request that any active key of the store may make. */
const statusFor = async (instance: TestApi, apiKey: { key: string; secret: string }) =>
  (await instance.as(apiKey).get(`${store}/events`)).status;

describe('creating a key', () => {
  it('answers with key and secret in clear, once, and not to be stored', async () => {
    const answer = await api.operator.post<ShownApiKey>(`${store}/api-keys`, { permissions: ['orders:write'] });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      description: '',
      permissions: ['orders:write'],
      activated: true,
      rotatedAt: null,
    });
    expect(answer.body.key).toMatch(/^spk_[0-9A-Za-z]{36}$/);
    expect(answer.body.secret).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);

    const view = await api.operator.get<ShownApiKey>(`${store}/api-keys/${answer.body.id}`);
    const list = await api.operator.get<ShownPage<ShownApiKey>>(`${store}/api-keys`);
    expect(view.body).toEqual({
      ...answer.body,
      key: `spk_••••••••${answer.body.key.slice(-4)}`,
      secret: 'whsec_••••••••',
    });
    expect(list.body.data[0]).toEqual(view.body);
  });

  it('keeps neither key nor secret in clear, anywhere in the database', async () => {
    const apiKey = await createApiKey(api, store);
    const rotated = await rotate(apiKey, {});
    await api.operator.post(`${store}/api-keys/${apiKey.id}/reveal`);
    const tables = await api.sql<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const clear = [apiKey.key, apiKey.secret.slice('whsec_'.length), rotated.secret.slice('whsec_'.length)];
    for (const { name } of tables) {
      const [found] = await api.sql<{ count: string }>(
        `SELECT count(*) FROM ${name} t, unnest($1::text[]) AS clear WHERE strpos(t::text, clear) > 0`,
        [clear],
      );
      expect([name, found?.count]).toEqual([name, '0']);
    }
  });
});

describe('revoking', () => {
  it('a deleted key is refused by the very next request, on every instance', async () => {
    const apiKey = await createApiKey(api, store);
    expect([await statusFor(api, apiKey), await statusFor(other, apiKey)]).toEqual([200, 200]);
    expect((await api.operator.delete(`${store}/api-keys/${apiKey.id}`)).status).toBe(204);
    expect([await statusFor(other, apiKey), await statusFor(api, apiKey)]).toEqual([401, 401]);
  });

  it('a key that is switched off is refused by the very next request, until it is on again', async () => {
    const apiKey = await createApiKey(api, store);
    const path = `${store}/api-keys/${apiKey.id}`;
    expect(await statusFor(other, apiKey)).toBe(200);
    expect((await api.operator.patch<ShownApiKey>(path, { activated: false })).body.activated).toBe(false);
    expect([await statusFor(other, apiKey), await statusFor(api, apiKey)]).toEqual([401, 401]);
    await api.operator.patch(path, { activated: true });
    expect([await statusFor(other, apiKey), await statusFor(api, apiKey)]).toEqual([200, 200]);
  });

  it('holds for publishing too, whose callers are remembered, and a permission that was granted counts at once', async () => {
    const apiKey = await createApiKey(api, store, { permissions: ['orders:write'] });
    const path = `${store}/api-keys/${apiKey.id}`;
    const publish = async (type: string) =>
      (await other.as(apiKey).post<ShownProblem>(`${store}/events`, { type, data: {} })).status;
    expect([await publish('order.create'), await publish('order.create')]).toEqual([202, 202]);
    expect(await publish('product.create')).toBe(403);
    await api.operator.patch(path, { permissions: ['products:write'] });
    expect([await publish('product.create'), await publish('order.create')]).toEqual([202, 403]);
    await api.operator.patch(path, { activated: false });
    expect(await publish('product.create')).toBe(401);
    await api.operator.patch(path, { activated: true });
    expect(await publish('product.create')).toBe(202);
    await api.operator.delete(path);
    expect(await publish('product.create')).toBe(401);
  });

  it('tells a caller nothing of why: unknown, deleted, off, wrong secret, no key at all are one answer', async () => {
    const off = await createApiKey(api, store, { activated: false });
    const good = await createApiKey(api, store);
    const gone = await createApiKey(api, store);
    await api.operator.delete(`${store}/api-keys/${gone.id}`);
    const answers = await Promise.all(
      [
        off,
        gone,
        { key: good.key, secret: off.secret },
        { key: `${good.key}x`, secret: good.secret },
        { key: '', secret: '' },
      ].map((credentials) => api.as(credentials).get<ShownProblem>(`${store}/events`)),
    );
    const told = answers.map(({ status, headers, body }) => [
      status,
      headers.get('www-authenticate'),
      { ...body, instance: '' },
    ]);
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(told[0]?.slice(0, 2)).toEqual([401, 'Basic realm="signpost", charset="UTF-8"']);
  });
});

const rotate = async (apiKey: { id: string }, body: unknown) =>
  (await api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/rotate-secret`, body)).body;

describe('rotating the secret', () => {
  const endOverlap = (apiKey: { key: string }) =>
    api.sql(`UPDATE api_keys SET previous_secret_until = now() WHERE key_hash = sha256(convert_to($1, 'UTF8'))`, [
      apiKey.key,
    ]);

  it('both secrets authenticate during the overlap, and only the new one afterwards', async () => {
    const apiKey = await createApiKey(api, store);
    const answer = await api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/rotate-secret`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const rotated = { key: apiKey.key, secret: answer.body.secret };
    expect(rotated.secret).not.toBe(apiKey.secret);
    for (const instance of [api, other]) {
      expect([await statusFor(instance, apiKey), await statusFor(instance, rotated)]).toEqual([200, 200]);
      expect((await verify(instance, apiKey)).code).toBe('valid');
    }
    const untilMs = Date.parse(answer.body.previousSecretUntil ?? '');
    expect(untilMs - Date.parse(answer.body.rotatedAt ?? '')).toBe(24 * 60 * 60_000);

    await endOverlap(apiKey);
    for (const instance of [api, other]) {
      expect([await statusFor(instance, apiKey), await statusFor(instance, rotated)]).toEqual([401, 200]);
    }
  });

  it('publishes with both during the overlap, and stops the old one when it ends although it is remembered', async () => {
    const apiKey = await createApiKey(api, store);
    const rotated = { key: apiKey.key, secret: (await rotate(apiKey, {})).secret };
    const publish = async (credentials: { key: string; secret: string }) =>
      (await other.as(credentials).post(`${store}/events`, { type: 'order.create', data: {} })).status;
    expect([await publish(apiKey), await publish(rotated)]).toEqual([202, 202]);
    await endOverlap(apiKey);
    expect([await publish(apiKey), await publish(rotated)]).toEqual([401, 202]);
  });

  it('with an overlap of 0 ends the old secret at once', async () => {
    const apiKey = await createApiKey(api, store);
    expect(await statusFor(other, apiKey)).toBe(200);
    const rotated = await rotate(apiKey, { overlapSeconds: 0 });
    expect(rotated.previousSecretUntil).toBeNull();
    expect(await statusFor(other, apiKey)).toBe(401);
    expect(await statusFor(other, { key: apiKey.key, secret: rotated.secret })).toBe(200);
  });

  it('again during an overlap keeps the last two secrets only', async () => {
    const apiKey = await createApiKey(api, store);
    const second = { key: apiKey.key, secret: (await rotate(apiKey, {})).secret };
    const third = { key: apiKey.key, secret: (await rotate(apiKey, {})).secret };
    expect([await statusFor(api, apiKey), await statusFor(api, second), await statusFor(api, third)]).toEqual([
      401, 200, 200,
    ]);
  });

  it.each([-1, 604_801, 1.5, '60', null])('refuses the overlap %p', async (overlapSeconds) => {
    const apiKey = await createApiKey(api, store);
    const path = `${store}/api-keys/${apiKey.id}/rotate-secret`;
    const answer = await api.operator.post<ShownProblem>(path, { overlapSeconds });
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'overlapSeconds']);
  });
});

describe('revealing', () => {
  it('shows key and secret in clear, not to be stored, and writes down who saw them', async () => {
    const apiKey = await createApiKey(api, store);
    const answer = await api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/reveal`);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.body).toEqual({ key: apiKey.key, secret: apiKey.secret });
    const [entry] = (await api.operator.get<ShownPage<object>>(`${store}/audit-log?limit=1`)).body.data;
    expect(entry).toMatchObject({
      action: 'api_key.revealed',
      actor: { kind: 'operator', id: null, address: '127.0.0.1' },
      object: { kind: 'api_key', id: apiKey.id },
    });
  });
});

describe('changing a key', () => {
  it('changes what is given and nothing else', async () => {
    const apiKey = await createApiKey(api, store, { description: 'before', permissions: ['orders:read'] });
    const path = `${store}/api-keys/${apiKey.id}`;
    const described = await api.operator.patch<ShownApiKey>(path, { description: 'after' });
    expect(described.body).toMatchObject({ description: 'after', permissions: ['orders:read'], activated: true });
    const same = await api.operator.patch<ShownApiKey>(path, {});
    expect(same.body).toEqual(described.body);
  });

  it('makes the webhooks that it signs due when it is switched, and shows them as held while it is off', async () => {
    const apiKey = await createApiKey(api, store);
    const { id } = await createWebhook(api, store, { apiKeyId: apiKey.id });
    await api.sql('UPDATE gates SET due_at = NULL');
    await api.operator.patch(`${store}/api-keys/${apiKey.id}`, { activated: false });
    const held = (await api.operator.get<ShownWebhook>(`${store}/webhooks/${id}`)).body;
    expect(held).toMatchObject({ status: 'held', enabled: true, apiKeyId: apiKey.id });
    expect(Date.parse(held.health.nextDueAt ?? '')).toBeLessThanOrEqual(Date.now());
    await api.operator.patch(`${store}/api-keys/${apiKey.id}`, { activated: true });
    expect((await api.operator.get<ShownWebhook>(`${store}/webhooks/${id}`)).body.status).toBe('active');
  });
});

describe('deleting a key that signs webhooks', () => {
  it('names them and changes nothing, unless it is forced: then they are held', async () => {
    const apiKey = await createApiKey(api, store);
    const path = `${store}/api-keys/${apiKey.id}`;
    const webhook = await createWebhook(api, store, { apiKeyId: apiKey.id });
    const refused = await api.operator.delete<ShownProblem>(path);
    expect([refused.status, refused.body.code]).toEqual([409, 'api_key_in_use']);
    expect(refused.body.webhooks).toEqual([{ id: webhook.id, url: PUBLIC_URL }]);
    expect((await api.operator.delete(`${path}?force=false`)).status).toBe(409);
    expect(await statusFor(api, apiKey)).toBe(200);

    await api.sql('UPDATE gates SET due_at = NULL');
    expect((await api.operator.delete(`${path}?force=true`)).status).toBe(204);
    const held = (await api.operator.get<ShownWebhook>(`${store}/webhooks/${webhook.id}`)).body;
    expect(held).toMatchObject({ status: 'held', apiKeyId: null });
    expect(held.health.nextDueAt).not.toBeNull();
  });

  it('does not count webhooks that were deleted', async () => {
    const apiKey = await createApiKey(api, store);
    const webhook = await createWebhook(api, store, { apiKeyId: apiKey.id });
    await api.operator.delete(`${store}/webhooks/${webhook.id}`);
    expect((await api.operator.delete(`${store}/api-keys/${apiKey.id}`)).status).toBe(204);
  });
});

describe('verifying a key for another service', () => {
  it('costs one statement, which looks the key up by an index', async () => {
    const { key, secret } = await createApiKey(api, await createStore(api, 'looked-up'));
    const run = jest.spyOn(SqlClient.prototype, 'run');
    const { body } = await api.operator.post<Verdict>('/api/v1/keys/verify', { key, secret });
    // The counts of keys that were used before may be written down meanwhile.
    const statements = run.mock.calls.map(([statement]) => statement).filter(({ name }) => name !== 'add_key_usage');
    run.mockRestore();
    expect(body.valid).toBe(true);
    expect(statements.map(({ name }) => name)).toEqual(['api_keys_by_hash']);
    const client = new Client({ connectionString: api.database.url });
    await client.connect();
    // However few keys there are: a plan that reads them all is then one that cannot do otherwise.
    await client.query('SET enable_seqscan = off');
    const hashes = `ARRAY[sha256(convert_to('${key}', 'UTF8'))]`;
    const plan = await client.query(`EXPLAIN (FORMAT JSON) ${statements[0]?.text.replace('$1', hashes) ?? ''}`);
    await client.end();
    expect(JSON.stringify(plan.rows)).not.toContain('Seq Scan');
    expect(JSON.stringify(plan.rows)).toMatch(/"Index Scan".*key_hash/);
  });

  const UNKNOWN = { valid: false, code: 'unknown_key', storeKey: null, keyId: null, permissions: [] };

  it('says whose it is and what it may do', async () => {
    const { id, key, secret } = await createApiKey(api, store, { permissions: ['orders:read'] });
    const known = { storeKey: 'acme', keyId: id, permissions: ['orders:read'] };
    expect(await verify(api, { key, secret })).toEqual({ valid: true, code: 'valid', ...known });
    expect(await verify(api, { key, secret, permission: 'orders:read' })).toMatchObject({ valid: true });
    expect(await verify(api, { key, secret, permission: 'orders:write' })).toEqual({
      valid: false,
      code: 'lacks_permission',
      ...known,
    });
  });

  it('answers alike for an unknown key, a deleted one and a wrong secret', async () => {
    const gone = await createApiKey(api, store);
    await api.operator.delete(`${store}/api-keys/${gone.id}`);
    const good = await createApiKey(api, store);
    expect(await verify(api, gone)).toEqual(UNKNOWN);
    expect(await verify(api, { key: good.key, secret: gone.secret })).toEqual(UNKNOWN);
    expect(await verify(api, { key: 'nonsense', secret: 'nonsense' })).toEqual(UNKNOWN);
  });

  it('answers a service of the store by its own API key, for keys of its store alone', async () => {
    const service = await createApiKey(api, store, { permissions: [] });
    const [own, foreign] = [await createApiKey(api, store), await createApiKey(api, await createStore(api, 'rival'))];
    const ask = async ({ key, secret }: ShownApiKey) =>
      (await api.as(service).post<Verdict>('/api/v1/keys/verify', { key, secret })).body;
    expect(await ask(own)).toMatchObject({ valid: true, keyId: own.id, storeKey: 'acme' });
    expect(await ask(foreign)).toEqual(UNKNOWN);
    expect((await api.nobody.post('/api/v1/keys/verify', own)).status).toBe(401);
  });

  it('tells whoever has the right secret that the key is off', async () => {
    const { key, secret } = await createApiKey(api, store, { activated: false });
    expect(await verify(api, { key, secret })).toEqual({ ...UNKNOWN, code: 'deactivated' });
    expect(await verify(api, { key, secret: `${secret}x` })).toEqual(UNKNOWN);
  });
});
