import { decodeId, PERMISSIONS, SUBSCRIBABLE_EVENT_TYPES } from '@signpost/domain';
import { createApiKey, createStore, createWebhook, type ShownPage, type ShownProblem } from '../support/admin-objects';
import { AllCallers, type CallerName, CALLERS } from '../support/all-callers';
import { ApiDocument, type DocumentedRoute } from '../support/api-document';
import { LogRows } from '../support/log-rows';
import { refusalOf, ROUTE_TABLE, type RouteRow } from '../support/route-table';
import { startTestApi, type TestApi } from '../support/test-api';
import type { TestClient, TestResponse } from '../support/test-client';
import { expectStatus } from '../support/test-system';

const ACME = '/api/v1/stores/acme';
const RIVAL = '/api/v1/stores/rival';
const MISSING = '00000000000000000000000000';
const CACHED_NOWHERE = expect.stringMatching(/^no-store\b/) as string;

let api: TestApi;
let callers: AllCallers;
let document: ApiDocument;
let routes: readonly DocumentedRoute[];
/** Objects of acme, by the word that stands for their kind in addresses. */
let objects: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await startTestApi();
  document = await ApiDocument.read(api);
  routes = document.routes;
  callers = await AllCallers.make(api, { own: 'acme', foreign: 'rival' });
  objects = await makeObjects();
});
afterAll(() => api.close());

/** One object of every kind that has an address, in acme. */
async function makeObjects(): Promise<Record<string, string>> {
  const webhook = await createWebhook(api, ACME, { url: 'https://bücher.example.com/hooks?at={store}' });
  const storeId = decodeId('store', (await idOf(api.operator.get(ACME))).id);
  const webhookId = decodeId('webhook', webhook.id);
  if (storeId === null || webhookId === null) throw new Error('There is no such place.');
  const rows = new LogRows(api, { storeId, webhookId });
  const event = await rows.event();
  const invitation = { email: 'somebody@example.com', role: 'viewer' };
  const recovery = { since: new Date(Date.now() - 1_000).toISOString() };
  const members = await expectStatus(200, api.operator.get<{ data: { id: string }[] }>(`${ACME}/members`));
  return {
    'api-keys': (await createApiKey(api, ACME)).id,
    webhooks: webhook.id,
    events: event,
    deliveries: await rows.delivery(event),
    recoveries: (await idOf(api.operator.post(`${ACME}/webhooks/${webhook.id}/recover`, recovery))).id,
    members: members.data[0]?.id ?? '',
    invitations: (await idOf(api.operator.post(`${ACME}/invitations`, invitation))).id,
  };
}

async function idOf(answer: Promise<TestResponse<unknown>>): Promise<{ id: string }> {
  const { status, body, text } = await answer;
  if (status >= 300) throw new Error(text);
  return body as { id: string };
}

const nameOf = ({ method, path }: DocumentedRoute) => `${method} ${path}`;
const rowOf = (route: DocumentedRoute): RouteRow => {
  const row = ROUTE_TABLE[nameOf(route)];
  if (row === undefined) throw new Error(`${nameOf(route)} has no row.`);
  return row;
};
/** The word before `{id}` in an address. */
const collectionOf = (path: string) => /([\w-]+)\/\{id\}/.exec(path)?.[1] ?? '';
const objectId = (path: string) => objects[collectionOf(path)] ?? '';
/** An id of the same kind that nothing has. */
const missingId = (path: string) => objectId(path).replace(/_.*/, `_${MISSING}`);

function call(
  client: TestClient,
  route: DocumentedRoute,
  store: string,
  id: string,
  method = route.method,
): Promise<TestResponse<ShownProblem>> {
  const { body, query } = rowOf(route);
  const path = route.path.replace('{store}', store).replace('{id}', id) + (query === undefined ? '' : `?${query}`);
  return client.send<ShownProblem>(method, path, body === undefined ? {} : { body });
}

/** All of an answer by which a caller could tell it from another one, apart from what echoes the request. */
const visible = ({ status, headers, text }: TestResponse<unknown>) => [
  status,
  Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
  text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'REQUEST'),
];

it('is in the table, and each row of the table is a route', () => {
  expect(Object.keys(ROUTE_TABLE).sort()).toEqual(routes.map(nameOf).sort());
});

it.each(CALLERS)('lets %s in where the table says so, and refuses it everywhere else', async (name) => {
  for (const route of routes) {
    const row = rowOf(route);
    const isLetIn = row.letsIn.includes(name);
    const store = isLetIn && row.ends === 'store' ? `ended-by-${name.toLowerCase()}` : 'acme';
    if (store !== 'acme') await createStore(api, store);
    const id = row.isPresent === true ? objectId(route.path) : missingId(route.path);
    const answer = await call(callers.get(name), route, store, id);
    const { status, body, headers } = answer;
    expect([nameOf(route), status, document.breachesOf(route, answer)]).toEqual([nameOf(route), status, []]);
    if (isLetIn && row.ends === 'session') await callers.renew(name);
    if (isLetIn) {
      expect([nameOf(route), status]).toEqual([nameOf(route), row.answers]);
      // Nobody else's cache may keep what was told to this caller.
      const cacheable = route.method === 'GET' && route.path.startsWith('/api/');
      if (cacheable) expect([nameOf(route), headers.get('cache-control')]).toEqual([nameOf(route), CACHED_NOWHERE]);
    } else {
      const refusal = refusalOf(name, route.path);
      expect([nameOf(route), status, body.code]).toEqual([nameOf(route), refusal.status, refusal.code]);
      if (status === 401) expect(headers.get('www-authenticate')).toMatch(/^(Basic|Bearer) realm="signpost"/);
    }
  }
});

describe('with a query', () => {
  const withParameter = (name: string) =>
    routes.filter(({ parameters }) => parameters.some((parameter) => parameter.name === name)).map(({ path }) => path);

  /** @returns the status, and each rule that is broken */
  async function ask(path: string, query: string): Promise<unknown[]> {
    const format = path.endsWith('/export') ? '&format=csv' : '';
    const { status, body } = await api.operator.get<ShownProblem>(`${path}?${query}${format}`);
    return [status, ...(body.errors ?? []).map(({ field, rule }) => `${field}: ${rule}`)];
  }

  it('goes on at no cursor of another list', async () => {
    await createWebhook(api, ACME);
    const first = await expectStatus(200, api.operator.get<ShownPage<unknown>>(`${ACME}/webhooks?limit=1`));
    const paths = withParameter('cursor').flatMap((path) =>
      ['acme', 'rival'].map((store) => path.replace('{store}', store)),
    );
    expect(paths).toContain(`${ACME}/webhooks`);
    for (const path of paths) {
      const answer = path === `${ACME}/webhooks` ? [200] : [400, 'cursor: cursor'];
      expect([path, ...(await ask(path, `cursor=${first.nextCursor ?? ''}`))]).toEqual([path, ...answer]);
    }
  });

  it('has no window that ends before or when it begins', async () => {
    const paths = withParameter('until');
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) {
      const address = path.replace('{store}', 'acme').replace('{id}', objectId(path));
      for (const until of ['2026-02-20T08:15:30.412Z', '2026-02-20T09:15:30.411+01:00']) {
        const answer = await ask(address, new URLSearchParams({ since: '2026-02-20T08:15:30.412Z', until }).toString());
        expect([path, ...answer]).toEqual([path, 400, 'since: empty_window']);
      }
    }
  });
});

it('answers HEAD like GET, without the body', async () => {
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const ask = (method: string) => call(api.operator, route, 'acme', objectId(route.path), method);
    const [head, get] = [await ask('HEAD'), await ask('GET')];
    const told = ({ status, headers }: TestResponse<unknown>) => [
      status,
      ...['content-type', 'cache-control'].map((name) => headers.get(name)),
    ];
    expect([nameOf(route), ...told(head), head.text]).toEqual([nameOf(route), ...told(get), '']);
  }
});

it('says in the document how it answers who gets in', () => {
  const unsaid = routes.filter(
    (route) => rowOf(route).answers < 300 && !route.statuses.includes(String(rowOf(route).answers)),
  );
  expect(unsaid.map(nameOf)).toEqual([]);
});

it('says in the document who may call it', () => {
  const schemeOf: readonly (readonly [string, readonly CallerName[]])[] = [
    ['operatorToken', ['operator']],
    ['apiKey', ['key', 'bareKey']],
    ['session', ['personOperator', 'owner', 'admin', 'viewer', 'portalAdmin', 'portalViewer']],
  ];
  for (const route of routes) {
    const { letsIn } = rowOf(route);
    const schemes = schemeOf
      .filter(([, names]) => names.some((name) => letsIn.includes(name)))
      .map(([scheme]) => scheme);
    const documented = letsIn.includes('nobody') ? [] : schemes;
    expect([nameOf(route), route.schemes]).toEqual([nameOf(route), documented]);
  }
});

describe('of a store', () => {
  it.each(['foreignKey', 'foreignOwner'] as const)(
    'answers the %s byte for byte as for a store that does not exist',
    async (name) => {
      for (const route of routes.filter(({ path }) => path.includes('{store}'))) {
        const id = objectId(route.path);
        const foreign = await call(callers.get(name), route, 'acme', id);
        const missing = await call(callers.get(name), route, 'nope', id);
        expect([nameOf(route), foreign.status]).toEqual([nameOf(route), 404]);
        expect(visible(foreign)).toEqual(visible(missing));
      }
    },
  );

  it('answers for an object of another store byte for byte as for one that does not exist', async () => {
    const complete: Readonly<Record<string, object>> = {
      'POST /api/v1/stores/{store}/webhooks/{id}/recover': { since: new Date(Date.now() - 60_000).toISOString() },
      'PATCH /api/v1/stores/{store}/members/{id}': { role: 'viewer' },
    };
    const withObject = routes.filter(({ path }) => path.includes('{id}'));
    expect([...new Set(withObject.map(({ path }) => collectionOf(path)))].sort()).toEqual(Object.keys(objects).sort());
    for (const route of withObject) {
      const body = complete[nameOf(route)] ?? rowOf(route).body;
      const ask = (id: string) => {
        const path = route.path.replace('{store}', 'rival').replace('{id}', id);
        return api.operator.send<ShownProblem>(route.method, path, body === undefined ? {} : { body });
      };
      const id = objectId(route.path);
      const [foreign, missing, unreadable] = [await ask(id), await ask(missingId(route.path)), await ask(`${id}x`)];
      expect([nameOf(route), foreign.status, foreign.body.code]).toEqual([nameOf(route), 404, 'not_found']);
      expect(visible(foreign)).toEqual(visible(missing));
      expect(visible(unreadable)).toEqual(visible(missing));
    }
    for (const [collection, id] of Object.entries(objects)) {
      if (collection === 'members' || collection === 'invitations') continue;
      expect([collection, (await api.operator.get(`${ACME}/${collection}/${id}`)).status]).toEqual([collection, 200]);
    }
  });
});

describe('the permission', () => {
  const acts = PERMISSIONS.map((permission) => {
    const [resource = '', action] = permission.split(':');
    const type = SUBSCRIBABLE_EVENT_TYPES.find((each) => resource.startsWith(each.split('.')[0]?.slice(0, -1) ?? '-'));
    const act = (client: TestClient) =>
      action === 'write'
        ? client.post<ShownProblem>(`${RIVAL}/events`, { type, data: {} })
        : client.get<ShownProblem>(`${RIVAL}/events?type=${type}`);
    return { permission, act, allowed: action === 'write' ? 202 : 200 };
  });

  it.each(PERMISSIONS)('%s lets a key do what it names, and nothing else', async (granted) => {
    const client = api.as(await createApiKey(api, RIVAL, { permissions: [granted] }));
    for (const { permission, act, allowed } of acts) {
      const { status, body } = await act(client);
      expect([permission, status]).toEqual([permission, permission === granted ? allowed : 403]);
      if (status === 403) expect(body.detail).toContain(permission);
    }
  });

  it.each(PERMISSIONS)('%s is what a key lacks that has all others', async (withheld) => {
    const permissions = PERMISSIONS.filter((permission) => permission !== withheld);
    const client = api.as(await createApiKey(api, RIVAL, { permissions }));
    for (const { permission, act, allowed } of acts) {
      const { status } = await act(client);
      expect([permission, status]).toEqual([permission, permission === withheld ? 403 : allowed]);
    }
  });
});
