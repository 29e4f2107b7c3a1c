import { Client } from 'pg';
import {
  createApiKey,
  createStore,
  type ShownApiKey,
  type ShownPage,
  type ShownProblem,
} from '../support/admin-objects';
import { passExpiry } from '../support/pass-expiry';
import { startTestApi, type TestApi } from '../support/test-api';
import { basic, TestClient } from '../support/test-client';
import { expectStatus } from '../support/test-system';

interface LimitedKey extends ShownApiKey {
  readonly expiresAt: string | null;
  readonly allowedCidrs: readonly string[] | null;
  readonly rateLimit: number | null;
}

let api: TestApi;
/** Believes what the test, its proxy, says of where requests come from. */
let proxied: TestApi;
let store: string;

beforeAll(async () => {
  api = await startTestApi();
  proxied = await startTestApi({
    database: api.database,
    settings: { SIGNPOST_TRUSTED_PROXIES: '127.0.0.0/8,10.9.0.0/16' },
  });
  store = await createStore(api, 'acme');
});
afterAll(async () => {
  await proxied.close();
  await api.close();
});

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const patch = (apiKey: { id: string }, change: object) =>
  expectStatus(200, api.operator.patch<LimitedKey>(`${store}/api-keys/${apiKey.id}`, change));
const read = (apiKey: ShownApiKey, instance = api, headers: Record<string, string> = {}) =>
  new TestClient(instance.url, basic(apiKey)).get<ShownProblem>(`${store}/events`, { headers });
const publish = (apiKey: ShownApiKey, headers: Record<string, string> = {}, instance = api) =>
  new TestClient(instance.url, basic(apiKey)).post<ShownProblem>(
    `${store}/events`,
    { type: 'order.create', data: {} },
    { headers },
  );
const code = async (apiKey: ShownApiKey, more: object = {}) => {
  const { key, secret } = apiKey;
  return (await api.operator.post<{ code: string }>('/api/v1/keys/verify', { key, secret, ...more })).body.code;
};

describe('the limits of a key', () => {
  it('are set when it is created, changed alone, and taken away by null', async () => {
    const limits = { expiresAt: inAnHour(), allowedCidrs: ['127.0.0.0/8', '2001:db8::/32'], rateLimit: 500 };
    const created = (await createApiKey(api, store, limits)) as LimitedKey;
    expect(created).toMatchObject(limits);
    expect(await patch(created, { rateLimit: null })).toMatchObject({ ...limits, rateLimit: null });
    expect(await patch(created, { description: 'x' })).toMatchObject({ ...limits, rateLimit: null });
    const none = { expiresAt: null, allowedCidrs: null, rateLimit: null };
    expect(await patch(created, none)).toMatchObject(none);
    const [entry] = (await api.operator.get<ShownPage<{ changes: object }>>(`${store}/audit-log?limit=1`)).body.data;
    expect(entry?.changes).toEqual({
      before: { expiresAt: limits.expiresAt, allowedCidrs: limits.allowedCidrs },
      after: { expiresAt: null, allowedCidrs: null },
    });
  });

  it.each([
    [{ expiresAt: 'tomorrow' }, 'expiresAt', 'iso_time'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt', 'future_time'],
    [{ allowedCidrs: [] }, 'allowedCidrs', 'array_min_size'],
    [{ allowedCidrs: ['10.0.0.0/33'] }, 'allowedCidrs', 'cidr'],
    [{ allowedCidrs: ['10.0.0.0/8', 'fd00::/129'] }, 'allowedCidrs', 'cidr'],
    [{ allowedCidrs: ['example.com'] }, 'allowedCidrs', 'cidr'],
    [{ allowedCidrs: [4] }, 'allowedCidrs', 'cidr'],
    [{ allowedCidrs: '10.0.0.0/8' }, 'allowedCidrs', 'array'],
    [{ rateLimit: 0 }, 'rateLimit', 'min'],
    [{ rateLimit: 1.5 }, 'rateLimit', 'int'],
  ])('that break a rule are refused by field and rule: %j', async (limits, field, rule) => {
    for (const answer of [
      await api.operator.post<ShownProblem>(`${store}/api-keys`, { permissions: [], ...limits }),
      await api.operator.patch<ShownProblem>(`${store}/api-keys/key_00000000000000000000000000`, limits),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.body.errors?.map((error) => [error.field, error.rule])).toContainEqual([field, rule]);
    }
  });
});

describe('an expired key', () => {
  it('is answered like one that is switched off, also where it is remembered, until it is given more time', async () => {
    const apiKey = await createApiKey(api, store, { expiresAt: inAnHour() });
    expect([(await publish(apiKey)).status, (await read(apiKey)).status, await code(apiKey)]).toEqual([
      202,
      200,
      'valid',
    ]);
    await passExpiry(api, apiKey);
    expect([(await publish(apiKey)).status, (await read(apiKey)).status, await code(apiKey)]).toEqual([
      401,
      401,
      'expired',
    ]);
    await patch(apiKey, { expiresAt: inAnHour() });
    expect([(await publish(apiKey)).status, (await read(apiKey)).status, await code(apiKey)]).toEqual([
      202,
      200,
      'valid',
    ]);
  });

  it('is not taken for a new webhook, as one that is switched off is not', async () => {
    const lonely = await createStore(api, 'lonely');
    const apiKey = await createApiKey(api, lonely, { expiresAt: inAnHour() });
    await passExpiry(api, apiKey);
    const webhook = { url: 'https://hooks.example.com/', events: ['order.create'] };
    const answer = await api.operator.post<ShownProblem>(`${lonely}/webhooks`, webhook);
    expect([answer.status, answer.body.code]).toEqual([409, 'no_active_api_key']);
  });
});

describe('a key that is bound to networks', () => {
  it('is refused from elsewhere with 403, and a change holds on the next request, where it is remembered too', async () => {
    const apiKey = await createApiKey(api, store, { allowedCidrs: ['127.0.0.0/8'] });
    expect([(await publish(apiKey)).status, (await read(apiKey)).status]).toEqual([202, 200]);
    await patch(apiKey, { allowedCidrs: ['10.1.0.0/16', '::/0'] });
    const refused = await publish(apiKey);
    expect([refused.status, refused.body.code, (await read(apiKey)).status]).toEqual([403, 'forbidden', 403]);
    await patch(apiKey, { allowedCidrs: ['127.0.0.1'] });
    expect([(await publish(apiKey)).status, (await read(apiKey)).status]).toEqual([202, 200]);
  });

  it('is judged by X-Forwarded-For behind a trusted proxy only, and by the nearest address that is none of them', async () => {
    const apiKey = await createApiKey(api, store, { allowedCidrs: ['203.0.113.0/24', '2001:db8::/32'] });
    const status = async (instance: TestApi, forwarded: string) =>
      (await read(apiKey, instance, { 'x-forwarded-for': forwarded })).status;
    expect(await status(api, '203.0.113.7')).toBe(403);
    expect(await status(proxied, '203.0.113.7')).toBe(200);
    expect(await status(proxied, '2001:db8::7')).toBe(200);
    expect(await status(proxied, '::ffff:203.0.113.7')).toBe(200);
    expect(await status(proxied, '198.51.100.1')).toBe(403);
    expect(await status(proxied, '198.51.100.1, 203.0.113.7, 10.9.1.1')).toBe(200);
    expect(await status(proxied, '203.0.113.7, 198.51.100.1')).toBe(403);
    expect(await status(proxied, 'unknown')).toBe(403);
    // As some proxies write it, with the port of each connection.
    expect(await status(proxied, '203.0.113.7:50123')).toBe(200);
    expect(await status(proxied, '[2001:db8::7]:50123, 10.9.1.1:443')).toBe(200);
    expect(await status(proxied, '[2001:db8::7]')).toBe(200);
    expect(await status(proxied, '203.0.113.7:50123, 198.51.100.1:50124')).toBe(403);
    expect(await status(proxied, '203.0.113.7:port')).toBe(403);
    expect((await read(apiKey, proxied)).status).toBe(403);
    expect((await publish(apiKey, { 'x-forwarded-for': '203.0.113.7' }, proxied)).status).toBe(202);
  });

  it('can be verified for the address that another service saw', async () => {
    const apiKey = await createApiKey(api, store, { allowedCidrs: ['203.0.113.0/24'] });
    expect(await code(apiKey)).toBe('valid');
    expect(await code(apiKey, { address: '203.0.113.7' })).toBe('valid');
    expect(await code(apiKey, { address: '198.51.100.1' })).toBe('address_not_allowed');
  });
});

it('a rate limit of its own holds for a key, whatever the default, and tells when to come back', async () => {
  const [slow, free] = [await createApiKey(api, store, { rateLimit: 1 }), await createApiKey(api, store)];
  const answers = await Promise.all(Array.from({ length: 12 }, () => read(slow)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect([refused[0]?.body.code, refused[0]?.headers.get('retry-after')]).toEqual(['rate_limited', '1']);
  const others = await Promise.all(Array.from({ length: 12 }, () => read(free)));
  expect(others.every(({ status }) => status === 200)).toBe(true);
});

it('a rate limit that was taken away refuses nobody who comes back when told to', async () => {
  const apiKey = await createApiKey(api, store, { rateLimit: 1 });
  const answers = [];
  do answers.push(await publish(apiKey));
  while (answers.at(-1)?.status === 202);
  expect(answers.at(-1)?.headers.get('retry-after')).toBe('1');
  await patch(apiKey, { rateLimit: null });

  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + 1_000);
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => publish(apiKey)))).map(({ status }) => status);
  jest.restoreAllMocks();
  expect(statuses).toContain(202);
  expect((await publish(apiKey)).status).toBe(202);
});

it('a rate limit that PostgreSQL does not tell of in time makes the API unavailable, and keeps no request waiting', async () => {
  const apiKey = await createApiKey(api, store, { rateLimit: 100 });
  expect((await read(apiKey)).status).toBe(200);
  const holder = new Client({ connectionString: api.database.url });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE api_key_permits');
  // What the process has at hand is used up, or grows old.
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => read(apiKey)))).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  await holder.query('COMMIT');
  await holder.end();
  expect((await read(apiKey)).status).toBe(200);
});

it('keeps no permits of a key that is deleted', async () => {
  const apiKey = await createApiKey(api, store, { rateLimit: 5 });
  expect((await read(apiKey)).status).toBe(200);
  const [before] = await api.sql<{ count: number }>('SELECT count(*)::int AS count FROM api_key_permits');
  await expectStatus(204, api.operator.delete(`${store}/api-keys/${apiKey.id}?force=true`));
  const [after] = await api.sql<{ count: number }>('SELECT count(*)::int AS count FROM api_key_permits');
  expect(after?.count).toBe((before?.count ?? 0) - 1);
});
