import { createApiKey, createStore, createWebhook, type ShownProblem } from '../support/admin-objects';
import type { Browser } from '../support/browser';
import {
  addMember,
  letSignInAge,
  openPortal,
  PASSWORD,
  setUp,
  type ShownMe,
  signIn,
  type TestPerson,
  tokenOf,
} from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';

const STORE = '/api/v1/stores/acme';
const MISSING = '00000000000000000000000000';

let api: TestApi;
let operator: TestPerson;
let people: Readonly<Record<'owner' | 'admin' | 'viewer', TestPerson>>;
let outsider: TestPerson;

beforeAll(async () => {
  api = await startTestApi();
  await createStore(api, 'acme');
  await createStore(api, 'rival');
  operator = await setUp(api);
  people = {
    owner: await addMember(api, 'acme', 'owner'),
    admin: await addMember(api, 'acme', 'admin'),
    viewer: await addMember(api, 'acme', 'viewer'),
  };
  outsider = await addMember(api, 'rival', 'owner');
});
afterAll(() => api.close());

/** Routes, the least that may call them, and a body that changes nothing where the caller is let in. */
const ROUTES: readonly [needed: string, method: string, path: string, body?: object][] = [
  ['viewer', 'GET', STORE],
  ['viewer', 'GET', `${STORE}/api-keys`],
  ['viewer', 'GET', `${STORE}/webhooks`],
  ['viewer', 'GET', `${STORE}/deliveries`],
  ['viewer', 'GET', `${STORE}/events`],
  ['viewer', 'GET', `${STORE}/audit-log`],
  ['viewer', 'GET', `${STORE}/members`],
  ['viewer', 'GET', `${STORE}/invitations`],
  ['admin', 'POST', `${STORE}/api-keys`, {}],
  ['admin', 'PATCH', `${STORE}/api-keys/key_${MISSING}`, {}],
  ['admin', 'POST', `${STORE}/api-keys/key_${MISSING}/reveal`, {}],
  ['admin', 'POST', `${STORE}/api-keys/key_${MISSING}/rotate-secret`, {}],
  ['admin', 'DELETE', `${STORE}/api-keys/key_${MISSING}`],
  ['admin', 'POST', `${STORE}/webhooks`, {}],
  ['admin', 'PATCH', `${STORE}/webhooks/whk_${MISSING}`, {}],
  ['admin', 'DELETE', `${STORE}/webhooks/whk_${MISSING}`],
  ['admin', 'POST', `${STORE}/webhooks/whk_${MISSING}/test`, {}],
  ['admin', 'POST', `${STORE}/deliveries/dlv_${MISSING}/retry`, {}],
  ['admin', 'POST', `${STORE}/events`, {}],
  ['admin', 'POST', `${STORE}/portal-links`, { role: 'nobody' }],
  ['owner', 'PATCH', `${STORE}/members/psn_${MISSING}`, {}],
  ['owner', 'DELETE', `${STORE}/members/psn_${MISSING}`],
  ['owner', 'POST', `${STORE}/invitations`, {}],
  ['owner', 'DELETE', `${STORE}/invitations/inv_${MISSING}`],
  ['operator', 'GET', '/api/v1/stores'],
  ['operator', 'POST', '/api/v1/stores', {}],
  ['operator', 'POST', '/api/v1/keys/verify', {}],
];
const RANKS = ['viewer', 'admin', 'owner', 'operator'];

const call = (browser: Browser, method: string, path: string, body?: object) =>
  browser.send<ShownProblem>(method, path, body === undefined ? {} : { body });

it.each(['viewer', 'admin', 'owner', 'operator'] as const)(
  'lets the role %s do what it may, and no more',
  async (role) => {
    const { browser } = role === 'operator' ? operator : people[role];
    for (const [needed, method, path, body] of ROUTES) {
      const { status, body: answer } = await call(browser, method, path, body);
      const route = `${method} ${path}`;
      if (RANKS.indexOf(role) >= RANKS.indexOf(needed))
        expect([route, [200, 400, 404]]).toEqual([route, expect.arrayContaining([status])]);
      else expect([route, status, answer.code]).toEqual([route, 403, 'forbidden']);
    }
  },
);

it('tells a person of another store what it tells of a store that does not exist', async () => {
  for (const [, method, path, body] of ROUTES) {
    if (!path.startsWith(STORE)) continue;
    const foreign = await call(outsider.browser, method, path, body);
    const missing = await call(outsider.browser, method, path.replace('/acme', '/nope'), body);
    expect([path, foreign.status, foreign.body.detail]).toEqual([path, 404, missing.body.detail]);
    expect(foreign.text.length).toBe(missing.text.length);
  }
});

it('lets a change of a role, and the removal of a member, hold on the next request', async () => {
  const { browser } = await addMember(api, 'acme', 'viewer');
  const { id } = (await browser.get<ShownMe>('/api/v1/me')).body;
  expect((await browser.post(`${STORE}/api-keys`, { permissions: [] })).status).toBe(403);
  expect((await people.owner.browser.patch(`${STORE}/members/${id}`, { role: 'admin' })).status).toBe(200);
  expect((await browser.post(`${STORE}/api-keys`, { permissions: [] })).status).toBe(201);
  expect((await people.owner.browser.delete(`${STORE}/members/${id}`)).status).toBe(204);
  expect((await browser.get(`${STORE}/api-keys`)).status).toBe(404);
  const { data } = (await api.operator.get<{ data: { action: string; actor: object }[] }>(`${STORE}/audit-log`)).body;
  expect(data.slice(0, 3).map(({ action }) => action)).toEqual([
    'member.removed',
    'api_key.created',
    'member.role_changed',
  ]);
  expect(data[1]?.actor).toMatchObject({ kind: 'person', id });
});

describe('a sensitive act', () => {
  it('asks a person who signed in long ago to confirm that it is them', async () => {
    const apiKey = await createApiKey(api, STORE);
    const webhook = await createWebhook(api, STORE);
    const { browser } = people.admin;
    await letSignInAge(api, people.admin.email);
    const acts = [
      ['POST', `${STORE}/api-keys/${apiKey.id}/reveal`],
      ['POST', `${STORE}/api-keys/${apiKey.id}/rotate-secret`],
      ['DELETE', `${STORE}/webhooks/${webhook.id}`],
      ['DELETE', `${STORE}/api-keys/${apiKey.id}?force=true`],
    ] as const;
    for (const [method, path] of acts) {
      const answer = await call(browser, method, path, method === 'POST' ? {} : undefined);
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'recent_sign_in_required']);
    }
    expect((await browser.get(`${STORE}/api-keys`)).status).toBe(200);
    const wrong = await browser.post<ShownProblem>('/api/v1/session/confirm', { password: 'wrong' });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'confirmation_failed']);
    expect((await browser.post('/api/v1/session/confirm', { password: PASSWORD })).status).toBe(204);
    for (const [method, path] of acts) {
      expect((await call(browser, method, path, method === 'POST' ? {} : undefined)).status).toBeLessThan(300);
    }
  });

  it('asks an operator too', async () => {
    await createStore(api, 'doomed');
    await letSignInAge(api, operator.email);
    expect((await operator.browser.delete('/api/v1/stores/doomed')).status).toBe(403);
    expect((await (await signIn(api, operator.email)).delete('/api/v1/stores/doomed')).status).toBe(204);
  });
});

describe('a portal link', () => {
  it('lets one browser in, once, into the settings of one store', async () => {
    const { body } = await people.admin.browser.post<{ url: string }>(`${STORE}/portal-links`, {});
    const token = tokenOf(body.url);
    const follow = () => api.nobody.post('/api/v1/portal-sessions', { token });
    const statuses = (await Promise.all(Array.from({ length: 5 }, follow)))
      .map(({ status }) => status)
      .sort((a, b) => a - b);
    expect(statuses).toEqual([200, 410, 410, 410, 410]);

    const browser = await openPortal(api, 'acme');
    const me = (await browser.get<ShownMe>('/api/v1/me')).body;
    expect(me).toMatchObject({ portal: true, operator: false, stores: [{ key: 'acme', role: 'admin' }] });
    expect((await browser.get(`${STORE}/webhooks`)).status).toBe(200);
    expect((await browser.post(`${STORE}/api-keys`, { permissions: [] })).status).toBe(201);
    const refusals = [
      ['GET', '/api/v1/stores/rival', 404],
      ['GET', '/api/v1/stores', 403],
      ['GET', `${STORE}/members`, 403],
      ['GET', `${STORE}/audit-log`, 403],
      ['POST', `${STORE}/invitations`, 403],
      ['POST', `${STORE}/portal-links`, 403],
      ['POST', '/api/v1/me/password', 403],
    ] as const;
    for (const [method, path, status] of refusals) {
      const answer = await call(browser, method, path, method === 'POST' ? {} : undefined);
      expect([path, answer.status]).toEqual([path, status]);
    }
    expect((await browser.delete('/api/v1/session')).status).toBe(204);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });

  it('is short-lived, as is what it opens', async () => {
    const { body } = await api.operator.post<{ url: string }>(`${STORE}/portal-links`, { expiresInSeconds: 10 });
    await api.sql(`UPDATE portal_links SET expires_at = now() - interval '1 second'`);
    expect((await api.nobody.post('/api/v1/portal-sessions', { token: tokenOf(body.url) })).status).toBe(410);
    const browser = await openPortal(api, 'acme', 'viewer');
    expect((await browser.post(`${STORE}/api-keys`, { permissions: [] })).status).toBe(403);
    await api.sql(`UPDATE portal_sessions SET expires_at = now() - interval '1 second'`);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});
