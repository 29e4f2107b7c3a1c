import { Browser } from '../support/browser';
import { createStore } from '../support/admin-objects';
import { OPERATOR_EMAIL, PASSWORD, setUp, signIn, tokenOf } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { startTestIssuer, type TestIssuer } from '../support/test-issuer';
import { expectStatus } from '../support/test-system';
import { totp } from '../support/totp';

const ADDRESS = 'https://signpost.example.com';
const CREDENTIALS = { email: OPERATOR_EMAIL, password: PASSWORD };

let api: TestApi;
/** Where people come by HTTPS. */
let secure: TestApi;
let issuer: TestIssuer;
let store: string;

beforeAll(async () => {
  issuer = await startTestIssuer({ sub: 'ann', email: OPERATOR_EMAIL, email_verified: true });
  api = await startTestApi();
  const { browser } = await setUp(api);
  store = await createStore(api, 'acme');
  secure = await startTestApi({
    database: api.database,
    settings: {
      SIGNPOST_PUBLIC_URL: ADDRESS,
      SIGNPOST_OIDC_ISSUER: issuer.url,
      SIGNPOST_OIDC_CLIENT_ID: 'signpost',
      SIGNPOST_OIDC_CLIENT_SECRET: 'a secret of the client',
    },
  });
  const path = '/api/v1/me/second-factor';
  const { secret } = await expectStatus(200, browser.post<{ secret: string }>(path, { password: PASSWORD }));
  await expectStatus(204, browser.post(`${path}/activate`, { code: totp(secret) }));
  await api.sql('TRUNCATE person_used_codes');
  code = totp(secret);
});
let code: string;
afterAll(async () => {
  await secure.close();
  await api.close();
  await issuer.close();
});

/** The cookies of every answer that has some: signing in, the second step, a portal link, signing out, the identity provider. */
async function everyCookie(instance: TestApi, origin: string): Promise<string[]> {
  await api.sql('TRUNCATE person_used_codes');
  const headers = { origin };
  const first = await instance.nobody.send('POST', '/api/v1/session', { body: CREDENTIALS, headers });
  const cookie = pairs(first.headers.getSetCookie());
  const second = await instance.nobody.send('POST', '/api/v1/session/second-factor', {
    body: { code },
    headers: { ...headers, cookie },
  });
  expect([first.status, second.status]).toEqual([200, 200]);
  const { url } = await expectStatus(201, api.operator.post<{ url: string }>(`${store}/portal-links`, {}));
  const portal = await instance.nobody.send('POST', '/api/v1/portal-sessions', {
    body: { token: tokenOf(url) },
    headers,
  });
  const out = await instance.nobody.send('DELETE', '/api/v1/session', {
    headers: { ...headers, cookie: pairs(second.headers.getSetCookie()) },
  });
  expect([portal.status, out.status]).toEqual([200, 204]);
  return [first, second, portal, out].flatMap((answer) => {
    const cookies = answer.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return cookies;
  });
}

const pairs = (cookies: readonly string[]) => cookies.map((line) => line.split(';', 1)[0] ?? '').join('; ');
const attributesOf = (line: string) =>
  line
    .split('; ')
    .slice(1)
    .map((attribute) => attribute.toLowerCase());

it('are for no script, no other site and no other path, each of them', async () => {
  const cookies = await everyCookie(api, api.url);
  for (const line of cookies) {
    expect(attributesOf(line)).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'path=/']));
    expect(line).not.toMatch(/; domain=/i);
  }
  const names = new Set(cookies.map((line) => line.split('=', 1)[0]));
  expect([...names]).toEqual(expect.arrayContaining(['signpost_session', 'signpost_second_step']));
});

it('are for HTTPS and one host alone where people come by HTTPS, each of them', async () => {
  for (const line of await everyCookie(secure, ADDRESS)) {
    // Others of the library's are only taken away.
    expect(line).toMatch(/^(__Host-signpost_|[^=]+=;)/);
    expect(attributesOf(line)).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'path=/', 'secure']));
    expect(line).not.toMatch(/; domain=/i);
  }
  const away = await secure.nobody.send('GET', '/api/v1/openid/sign-in', { redirect: 'manual' });
  const state = away.headers.getSetCookie();
  expect(state.length).toBeGreaterThan(0);
  for (const line of state) {
    expect(attributesOf(line)).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'secure']));
    expect(line).not.toMatch(/; domain=/i);
  }
});

it('are called in the document what they are called here', async () => {
  for (const [instance, name] of [
    [api, 'signpost_session'],
    [secure, '__Host-signpost_session'],
  ] as const) {
    const { body } = await instance.nobody.get<{ components: { securitySchemes: object } }>('/openapi.json');
    expect(body.components.securitySchemes).toMatchObject({ session: { type: 'apiKey', in: 'cookie', name } });
  }
});

it.each(['%', '%E0%A4%A', 'x', 'a.b', ''])('are of nobody in the second step when they are %j', async (value) => {
  const cookie = `signpost_second_step=${value}`;
  const answer = await api.nobody.send<{ code: string }>('POST', '/api/v1/session/second-factor', {
    body: { code: '123456' },
    headers: { origin: api.url, cookie },
  });
  expect([answer.status, answer.body.code]).toEqual([401, 'sign_in_failed']);
});

it('are worth nothing when they are changed, and when their session is past its end', async () => {
  await api.sql('UPDATE people SET two_factor_enabled = false');
  const browser = await signIn(api, OPERATOR_EMAIL);
  expect((await browser.get('/api/v1/me')).status).toBe(200);
  const cookie = browser.cookieHeader();
  const changed = cookie.replace(/signpost_session=(.)/, (_, first) => `signpost_session=${first === 'A' ? 'B' : 'A'}`);
  expect((await api.nobody.get('/api/v1/me', { headers: { cookie: changed } })).status).toBe(401);
  await api.sql(`UPDATE person_sessions SET expires_at = now() - interval '1 second'`);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  expect((await new Browser(api.url).get('/api/v1/me')).status).toBe(401);
});
