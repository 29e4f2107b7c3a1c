import { PERMISSIONS } from '@signpost/domain';
import { DASHBOARD_PAGES } from '../../apps/api/src/dashboard/dashboard-pages';
import { createApiKey, createStore, type ShownProblem } from '../support/admin-objects';
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

let api: TestApi;
let ownKey: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  await setUp(api);
  ownKey = api.as(await createApiKey(api, await createStore(api, 'acme'), { permissions: [] }));
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

  it('answers the operator for a store that does not exist with 404', async () => {
    for (const { route, answer } of await callAll(api.operator, 'nope')) {
      if (route.includes(':store')) expect([route, answer.body.code]).toEqual([route, 'not_found']);
    }
  });
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
