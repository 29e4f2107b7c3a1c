import { PERMISSIONS } from '@signpost/domain';
import { DASHBOARD_PAGES } from '../../apps/api/src/dashboard/dashboard-pages';
import { createApiKey, createStore, createWebhook, type ShownProblem } from '../support/admin-objects';
import { setUp } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { bearer, TestClient } from '../support/test-client';

/** Everybody may read these. */
const PUBLIC_ROUTES =
  /^\/(healthz|readyz|metrics|openapi\.json|docs(\/.*)?|assets\/\*|api\/v1\/(setup|sign-in-options|session(\/second-factor)?|openid\/.*|invitations\/(look|accept)|portal-sessions))$/;

/** At the address where everybody may sign in. */
const SIGN_OUT = 'DELETE /api/v1/session';
/** The page that these are answered with is the same for everybody. */
const PAGES = new Set<string>(DASHBOARD_PAGES.map((page) => `/${page}`));

/** What API keys may call, by their permissions; everything else is the operator's. */
const KEY_ROUTES = new Set([
  'GET /api/v1/event-types',
  'POST /api/v1/keys/verify',
  'POST /api/v1/stores/:store/events',
  'POST /api/v1/stores/:store/events/batch',
  'GET /api/v1/stores/:store/events',
  'GET /api/v1/stores/:store/events/:id',
  'GET /api/v1/stores/:store/deliveries',
  'GET /api/v1/stores/:store/deliveries/count',
  'GET /api/v1/stores/:store/deliveries/stream',
  'GET /api/v1/stores/:store/deliveries/:id',
]);

let api: TestApi;
let ownKey: TestClient;
let foreignKey: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  await setUp(api);
  ownKey = api.as(await createApiKey(api, await createStore(api, 'acme'), { permissions: [] }));
  foreignKey = api.as(await createApiKey(api, await createStore(api, 'rival')));
});
afterAll(() => api.close());

const guardedRoutes = () =>
  api.api.routes.routes.filter(
    ({ method, url }) =>
      method !== 'HEAD' &&
      !(method === 'GET' && PAGES.has(url)) &&
      (!PUBLIC_ROUTES.test(url) || `${method} ${url}` === SIGN_OUT),
  );

/** The address of a route in a store, with an id that nothing has. */
const addressOf = (url: string, store: string) =>
  url.replace(':store', store).replace(/:\w+/g, 'whk_00000000000000000000000000');

/** Calls every guarded route, with a body where one is usual, and tells what it answered. */
const callAll = (client: TestClient, store: string) =>
  Promise.all(
    guardedRoutes().map(async ({ method, url }) => {
      const request = method === 'GET' ? {} : { body: {} };
      const answer = await client.send<ShownProblem>(method, addressOf(url, store), request);
      return { route: `${method} ${url}`, answer };
    }),
  );

/** What a caller can tell two answers apart by. */
const visible = ({ status, headers, text }: { status: number; headers: Headers; text: string }) => [
  status,
  headers.get('content-type'),
  headers.get('content-length'),
  text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'REQUEST'),
];

it('knows a route of every feature', () => {
  expect(guardedRoutes().length).toBeGreaterThan(20);
});

describe('every route', () => {
  it.each([
    ['nobody', () => api.nobody],
    ['a wrong operator token', () => new TestClient(api.url, bearer('operator-token-of-the-testz'))],
    ['an unknown key', () => api.as({ key: 'spk_unknown', secret: 'whsec_unknown' })],
    ['a scheme that it does not know', () => new TestClient(api.url, 'Digest username="a"')],
    ['credentials that cannot be read', () => new TestClient(api.url, 'Basic !!!')],
  ])('refuses %s with 401', async (_, client) => {
    for (const { route, answer } of await callAll(client(), 'acme')) {
      expect([route, answer.status, answer.body.code]).toEqual([route, 401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^(Basic|Bearer) realm="signpost"/);
    }
  });

  it('of a store tells a key of another store exactly what it tells of a store that does not exist', async () => {
    const foreign = await callAll(foreignKey, 'acme');
    const missing = await callAll(foreignKey, 'nope');
    foreign.forEach(({ route, answer }, index) => {
      if (!route.includes(':store')) return;
      expect([route, answer.status]).toEqual([route, 404]);
      expect(visible(answer)).toEqual(visible(missing[index]?.answer ?? answer));
    });
  });

  it('is closed to API keys, unless it is meant for them', async () => {
    for (const { route, answer } of await callAll(ownKey, 'acme')) {
      if (KEY_ROUTES.has(route)) expect([route, answer.status]).not.toEqual([route, 401]);
      else expect([route, answer.status, answer.body.code]).toEqual([route, 403, 'forbidden']);
    }
  });

  it('answers the operator for a store that does not exist with 404', async () => {
    for (const { route, answer } of await callAll(api.operator, 'nope')) {
      if (route.includes(':store')) expect([route, answer.body.code]).toEqual([route, 'not_found']);
    }
  });
});

it('tells of an object of another store, byte for byte, what it tells of one that does not exist', async () => {
  const acme = '/api/v1/stores/acme';
  const rival = '/api/v1/stores/rival';
  const apiKey = await createApiKey(api, acme);
  const webhook = await createWebhook(api, acme);
  const calls = [
    ['GET', 'webhooks', webhook.id],
    ['PATCH', 'webhooks', webhook.id],
    ['DELETE', 'webhooks', webhook.id],
    ['GET', 'api-keys', apiKey.id],
    ['PATCH', 'api-keys', apiKey.id],
    ['DELETE', 'api-keys', apiKey.id],
    ['POST', 'api-keys', `${apiKey.id}/reveal`],
    ['POST', 'api-keys', `${apiKey.id}/rotate-secret`],
  ] as const;
  for (const [method, collection, id] of calls) {
    const request = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
    const ofAcme = await api.operator.send(method, `${rival}/${collection}/${id}`, request);
    const unknownId = id.replace(/_[0-9a-z]{26}/, '_00000000000000000000000000');
    const missing = await api.operator.send(method, `${rival}/${collection}/${unknownId}`, request);
    const unreadable = await api.operator.send(
      method,
      `${rival}/${collection}/${id.replace(/_\w{26}/, '_x')}`,
      request,
    );
    expect(ofAcme.status).toBe(404);
    expect(visible(ofAcme)).toEqual(visible(missing));
    expect(visible(unreadable)).toEqual(visible(missing));
  }
  expect((await api.operator.get(`${acme}/webhooks/${webhook.id}`)).status).toBe(200);
  expect((await api.operator.get(`${acme}/api-keys/${apiKey.id}`)).status).toBe(200);
});

it('names the permission that a key lacks', async () => {
  const request = { type: 'order.create', data: {} };
  const answer = await ownKey.post<ShownProblem & { permission: string }>('/api/v1/stores/acme/events', request);
  expect(answer.status).toBe(403);
  expect(PERMISSIONS).toContain('orders:write');
  expect(answer.body.detail).toContain('orders:write');
});

it('lets a key make as many requests per second as the configuration says, and tells when to come back', async () => {
  const limited = await startTestApi({ database: api.database, settings: { SIGNPOST_RATE_LIMIT_PER_KEY: '2' } });
  try {
    const [one, two] = [await createApiKey(api, '/api/v1/stores/acme'), await createApiKey(api, '/api/v1/stores/acme')];
    const call = (apiKey: typeof one) => limited.as(apiKey).get<ShownProblem>('/api/v1/event-types');
    const answers = await Promise.all(Array.from({ length: 12 }, () => call(one)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body.code).toBe('rate_limited');
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect((await call(two)).status).toBe(200);
  } finally {
    await limited.close();
  }
});
