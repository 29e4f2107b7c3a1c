import { Browser } from '../support/browser';
import { setUp, type ShownMe, type TestPerson } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { startTestIssuer, type TestIssuer } from '../support/test-issuer';

/** Where people reach the API of this test, as far as it knows: the port is not known before it listens. */
const PUBLIC_URL = 'http://signpost.test';

let api: TestApi;
let issuer: TestIssuer;
let person: TestPerson;

beforeAll(async () => {
  issuer = await startTestIssuer({ sub: 'ann', email: 'operator@example.com', email_verified: true });
  const first = await startTestApi();
  person = await setUp(first);
  api = await startTestApi({
    database: first.database,
    settings: {
      SIGNPOST_PUBLIC_URL: PUBLIC_URL,
      SIGNPOST_OIDC_ISSUER: issuer.url,
      SIGNPOST_OIDC_CLIENT_ID: 'signpost',
      SIGNPOST_OIDC_CLIENT_SECRET: 'a secret of the client',
      SIGNPOST_OIDC_NAME: 'Acme Login',
    },
  });
  closeFirst = () => first.close();
});
let closeFirst: () => Promise<void>;
afterAll(async () => {
  await api.close();
  await closeFirst();
  await issuer.close();
});

/** Goes to the provider and comes back, as a browser does that follows redirects. */
async function goRound(browser: Browser): Promise<{ status: number; location: string }> {
  const away = await browser.send('GET', '/api/v1/openid/sign-in', { redirect: 'manual' });
  expect(away.status).toBe(302);
  const provider = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' });
  const back = new URL(provider.headers.get('location') ?? '');
  expect(back.origin).toBe(PUBLIC_URL);
  const answer = await browser.send('GET', back.pathname + back.search, { redirect: 'manual' });
  return { status: answer.status, location: answer.headers.get('location') ?? '' };
}

it('is offered on the sign-in page', async () => {
  const { body } = await api.nobody.get('/api/v1/sign-in-options');
  expect(body).toEqual({ password: true, oidc: { name: 'Acme Login', url: '/api/v1/openid/sign-in' } });
});

it('begins no session that the audit log does not tell of', async () => {
  await api.sql(`ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> 'person.signed_in') NOT VALID`);
  const browser = new Browser(api.url);
  const before = await api.sql('SELECT FROM person_sessions');
  expect((await goRound(browser)).status).toBe(500);
  expect(await api.sql('SELECT FROM person_sessions')).toEqual(before);
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  await api.sql('ALTER TABLE audit_log DROP CONSTRAINT refused');
});

it('signs in whose verified address the provider vouches for', async () => {
  const browser = new Browser(api.url);
  expect((await goRound(browser)).status).toBe(302);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.email).toBe(person.email);
  const told = await api.sql(`SELECT FROM audit_log WHERE action = 'person.signed_in'`);
  expect(told).toHaveLength(2);
});

it('tells a person who has no password that they have none', async () => {
  const browser = new Browser(api.url);
  await goRound(browser);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.hasPassword).toBe(true);
  await api.sql(`DELETE FROM person_accounts WHERE provider_id = 'credential'`);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.hasPassword).toBe(false);
});

it.each([
  ['an address that it did not verify', { sub: 'other', email: 'operator@example.com', email_verified: false }],
  ['an address that nobody here has', { sub: 'stranger', email: 'stranger@example.com', email_verified: true }],
])('lets nobody in by %s', async (_, profile) => {
  issuer.profile = profile;
  const browser = new Browser(api.url);
  expect((await goRound(browser)).location).toContain('error=');
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  expect(await api.sql('SELECT FROM people')).toHaveLength(1);
});

it('leads nobody anywhere who did not begin here', async () => {
  const path = '/api/v1/openid/callback/openid?code=x&state=y';
  const answer = await new Browser(api.url).send('GET', path, { redirect: 'manual' });
  expect(answer.headers.get('location')).toContain('error=');
  expect(answer.headers.getSetCookie().filter((line) => line.startsWith('signpost_session='))).toEqual([]);
});
