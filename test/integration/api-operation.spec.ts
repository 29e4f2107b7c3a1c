import { Client } from 'pg';
import { DASHBOARD_PAGES } from '../../apps/api/src/dashboard/dashboard-pages';
import { createApiKey, createStore, type ShownProblem } from '../support/admin-objects';
import { SeverableProxy } from '../support/severable-proxy';
import { startTestApi, type TestApi } from '../support/test-api';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

interface Operation {
  /** Empty: it is open to everybody. */
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, { readonly content?: object; readonly headers?: object }>>;
}

interface ObjectSchema {
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, ObjectSchema>>;
  };
}

/** What people call before anybody knows who they are. */
const LETS_PEOPLE_IN = [
  'GET /api/v1/setup',
  'POST /api/v1/setup',
  'GET /api/v1/sign-in-options',
  'POST /api/v1/session',
  'POST /api/v1/session/second-factor',
  'POST /api/v1/invitations/look',
  'POST /api/v1/invitations/accept',
  'POST /api/v1/portal-sessions',
  'GET /api/v1/openid/sign-in',
  'GET /api/v1/openid/callback/openid',
];

describe('the OpenAPI document', () => {
  let document: OpenApi;
  beforeAll(async () => {
    document = (await api.nobody.get<OpenApi>('/openapi.json')).body;
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
    );

  it('describes every route', () => {
    const pages = new Set<string>(['/openapi.json', '/assets/*', ...DASHBOARD_PAGES.map((page) => `/${page}`)]);
    const served = api.api.routes.routes
      .filter(({ method, url }) => method !== 'HEAD' && !url.startsWith('/docs') && !pages.has(url))
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(document.openapi).toBe('3.1.0');
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(served.sort());
  });

  it('says of every operation who may call it, which parameters its path has, and that errors are problems', () => {
    for (const { name, path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter ?? '');
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect([name, declared.map((parameter) => parameter.name).sort()]).toEqual([name, inPath.sort()]);
      expect([name, Object.keys(operation.responses.default?.content ?? {})]).toEqual([
        name,
        ['application/problem+json'],
      ]);
      const isGuarded = path.startsWith('/api/') && !LETS_PEOPLE_IN.includes(name);
      expect([name, operation.security.length > 0]).toEqual([name, isGuarded]);
    }
  });

  it('takes the operator token for an opaque bearer token', () => {
    const { operatorToken } = document.components.securitySchemes;
    expect(operatorToken).toEqual({ type: 'http', scheme: 'bearer', description: expect.any(String) });
  });

  it('asks for no body where none is needed', async () => {
    const needless = operations().filter(
      ({ operation: { requestBody } }) => requestBody !== undefined && requestBody.required !== true,
    );
    const acts = ['api-keys/{id}/rotate-secret', 'portal-links', 'webhooks/{id}/test'];
    expect(needless.map(({ name }) => name).sort()).toEqual(acts.map((act) => `POST /api/v1/stores/{store}/${act}`));
    const store = await createStore(api, 'bodiless');
    const { id } = await createApiKey(api, store);
    expect((await api.operator.post(`${store}/api-keys/${id}/rotate-secret`)).status).toBe(200);
    expect((await api.operator.post(`${store}/portal-links`)).status).toBe(201);
  });

  it('says that a request may have nothing unknown, but for its free data, and that an answer may', () => {
    const { schemas } = document.components;
    const closed = Object.keys(schemas).filter((name) => schemas[name]?.additionalProperties === false);
    const requests = Object.keys(schemas).filter((name) => name.endsWith('Body'));
    expect(closed.sort()).toEqual(requests.sort());
    expect(closed).toEqual(expect.arrayContaining(['BatchBody', 'PublishBody', 'RetryFilterBody']));
    expect(schemas.PublishBody?.properties?.data?.additionalProperties).toBe(true);
  });

  it('says of publishing by which header an answer tells that it was given before', () => {
    const answering = operations().filter(({ operation }) => operation.responses['202']?.headers !== undefined);
    const publishing = '/api/v1/stores/{store}/events';
    expect(
      answering.map(({ path, operation }) => [path, Object.keys(operation.responses['202']?.headers ?? {})]),
    ).toEqual([
      [publishing, ['Idempotent-Replayed']],
      [`${publishing}/batch`, ['Idempotent-Replayed']],
    ]);
  });

  it('says of every single-use link that it can have been used', () => {
    const following = operations().filter(({ operation }) => operation.responses['410'] !== undefined);
    expect(following.map(({ name }) => name).sort()).toEqual([
      'POST /api/v1/invitations/accept',
      'POST /api/v1/invitations/look',
      'POST /api/v1/portal-sessions',
      'POST /api/v1/setup',
    ]);
  });

  it('refers only to what it defines, and has nothing left of OpenAPI 3.0', () => {
    const text = JSON.stringify(document);
    const references = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer]) => pointer ?? ''));
    for (const pointer of references) {
      const found = pointer
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect([pointer, typeof found]).toEqual([pointer, 'object']);
    }
    expect(text).not.toContain('"nullable"');
  });

  it('has no pattern that only some engines of regular expressions know', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      ([, json]) => JSON.parse(json ?? '') as string,
    );
    expect(patterns).toContain('^[A-Za-z0-9_-]{28}$');
    expect(patterns.filter((pattern) => /\\[pPuk]|\(\?[^:]/.test(pattern))).toEqual([]);
  });

  it('can be read as a page, with its styles and scripts', async () => {
    const page = await api.nobody.get<string>('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const files = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => `/${file ?? ''}`);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect([file, (await api.nobody.get(file)).status]).toEqual([file, 200]);
  });
});

it('counts requests by route, never by address', async () => {
  await createStore(api, 'metered');
  await api.operator.get('/api/v1/stores/metered');
  await api.operator.get('/api/v1/stores/no-such-store-in-the-metrics');
  const metrics = await api.nobody.get<string>('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(metrics.text).toMatch(
    /signpost_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/stores\/:store",status="404"\} 1/,
  );
  expect(metrics.text).not.toContain('no-such-store-in-the-metrics');
  expect(metrics.text).toContain('process_cpu_user_seconds_total');
});

it('hides nothing behind browsers: headers that harden are set', async () => {
  const { headers } = await api.nobody.get('/healthz');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
});

it('is alive but not ready while the database is away, answers 503 that says when to come back, and recovers', async () => {
  const proxy = await SeverableProxy.before(api.database.url);
  const cutOff = await startTestApi({ database: { ...api.database, url: proxy.url } });
  try {
    const store = await createStore(cutOff, 'cut-off');
    const apiKey = await createApiKey(cutOff, store);
    expect((await cutOff.nobody.get('/readyz')).body).toEqual({
      status: 'ready',
      checks: { database: 'up', queue: 'up' },
    });

    await proxy.cut();
    expect((await cutOff.nobody.get('/healthz')).status).toBe(200);
    const unready = await cutOff.nobody.get<ShownProblem & { checks: object }>('/readyz');
    expect([unready.status, unready.body.code]).toEqual([503, 'unavailable']);
    expect(unready.body.checks).toEqual({ database: 'down', queue: 'down' });
    expect(unready.body.detail).toBe('Cannot be used now: database, queue.');
    expect(unready.headers.get('retry-after')).toBe('2');
    for (const client of [cutOff.operator, cutOff.as(apiKey)]) {
      const answer = await client.get<ShownProblem>(`${store}/events`);
      expect([answer.status, answer.body.code]).toEqual([503, 'unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }

    await proxy.mend();
    while ((await cutOff.nobody.get('/readyz')).status !== 200);
    expect((await cutOff.operator.get(store)).status).toBe(200);
  } finally {
    await cutOff.close();
    await proxy.cut();
  }
});

it('is not ready while PostgreSQL lets nobody write, as a standby does, though it answers', async () => {
  const readOnly = await startTestApi();
  const admin = new Client({ connectionString: readOnly.database.url });
  await admin.connect();
  const reconnect =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()';
  const name = new URL(readOnly.database.url).pathname.slice(1);
  try {
    await admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only TO on`);
    await admin.query(reconnect, [name]);
    while ((await readOnly.operator.get('/api/v1/stores')).status !== 200);
    const unready = await readOnly.nobody.get<ShownProblem & { checks: object }>('/readyz');
    expect([unready.status, unready.body.checks]).toMatchObject([503, { database: 'down' }]);

    await admin.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
    await admin.query(reconnect, [name]);
    while ((await readOnly.nobody.get('/readyz')).status !== 200);
  } finally {
    await admin.end();
    await readOnly.close();
  }
});

it('answers 503 that says when to come back while the database hangs: nobody waits for what may never come', async () => {
  const proxy = await SeverableProxy.before(api.database.url);
  const hanging = await startTestApi({ database: { ...api.database, url: proxy.url } });
  try {
    const store = await createStore(hanging, 'hanging');
    const producer = hanging.as(await createApiKey(hanging, store));
    const order = { type: 'order.create', data: { id: 1 } };
    expect((await producer.post(`${store}/events`, order)).status).toBe(202);

    proxy.hang();
    // More than there are connections: some have one that hangs, and some wait for one.
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? producer.post<ShownProblem>(`${store}/events`, order)
          : producer.get<ShownProblem>(`${store}/events`),
      ),
    );
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([503, 'unavailable']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }

    await proxy.cut();
    await proxy.mend();
    while ((await producer.post(`${store}/events`, order)).status !== 202);
  } finally {
    await hanging.close();
    await proxy.cut();
  }
});

it('finishes what is in flight when it stops, and takes nothing new', async () => {
  const stopping = await startTestApi({ database: api.database });
  const blocker = new Client({ connectionString: api.database.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE stores IN ACCESS EXCLUSIVE MODE');
  const inFlight = stopping.operator.get('/api/v1/stores');
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await blocker.query(waiting)).rowCount === 0);
  const closed = stopping.close();
  await blocker.query('COMMIT');
  expect((await inFlight).status).toBe(200);
  await closed;
  await blocker.end();
  await expect(stopping.nobody.get('/healthz')).rejects.toThrow();
});

it('cuts what is in flight when the grace period ends', async () => {
  const stopping = await startTestApi({ database: api.database, settings: { SIGNPOST_SHUTDOWN_GRACE: '100ms' } });
  const blocker = new Client({ connectionString: api.database.url });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE stores IN ACCESS EXCLUSIVE MODE');
  const inFlight = stopping.operator.get('/api/v1/stores').catch(() => 'cut');
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await blocker.query(waiting)).rowCount === 0);
  const closed = stopping.close();
  expect(await inFlight).toBe('cut');
  await blocker.query('COMMIT');
  await closed;
  await blocker.end();
});

describe('it does not start', () => {
  const ring = (...entries: [id: string, fill: number][]) =>
    entries.map(([id, fill]) => `${id}:${Buffer.alloc(32, fill).toString('base64')}`).join(',');
  const startWith = (keys: string) =>
    startTestApi({ database: api.database, settings: { SIGNPOST_ENCRYPTION_KEYS: keys } });

  it('with another key than the database knows by that id', async () => {
    await expect(startWith(ring(['test', 8]))).rejects.toMatchObject({
      code: 'bad_configuration',
      publicMessage: 'The key ring has another key "test" than the one that this database knows by that id.',
    });
  });

  it('without a key that stored secrets are sealed with, and does with one more', async () => {
    await createApiKey(api, await createStore(api, 'sealed'));
    await expect(startWith(ring(['new', 9]))).rejects.toMatchObject({
      publicMessage: 'The key ring lacks the key "test", with which stored secrets are sealed.',
    });
    await (await startWith(ring(['new', 9], ['test', 7]))).close();
  });

  it('on a database that was not migrated', async () => {
    const outdated = await startTestApi();
    await outdated.sql('DELETE FROM signpost_migrations');
    await expect(startTestApi({ database: outdated.database })).rejects.toMatchObject({
      publicMessage: 'The database is not at this version: run `signpost migrate` first.',
    });
    await outdated.close();
  });
});
