import { Client } from 'pg';
import { createStore, type ShownProblem } from '../support/admin-objects';
import { Browser } from '../support/browser';
import { addMember, letSignInAge, PASSWORD, setUp, type ShownMe, type TestPerson } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { totp } from '../support/totp';

interface NewSecondFactor {
  readonly uri: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

let api: TestApi;
let person: TestPerson;
let factor: NewSecondFactor;

/** No code is accepted twice: what was shown before is forgotten. */
const forgetUsedCodes = () => api.sql('TRUNCATE person_used_codes');

beforeAll(async () => {
  api = await startTestApi();
  person = await setUp(api);
});
beforeEach(() => api.sql('TRUNCATE person_used_codes, throttles'));
afterAll(() => api.close());

async function givePassword(email = person.email): Promise<Browser> {
  const browser = new Browser(api.url);
  const { body } = await browser.post('/api/v1/session', { email, password: PASSWORD });
  expect(body).toEqual({ secondFactor: true });
  expect((await browser.get('/api/v1/me')).status).toBe(401);
  return browser;
}

const showCode = (browser: Browser, code: string) =>
  browser.post<ShownProblem>('/api/v1/session/second-factor', { code });

it('counts once a code of it was shown, and is prepared for who knows the password', async () => {
  const { browser } = person;
  const wrong = await browser.post<ShownProblem>('/api/v1/me/second-factor', { password: 'wrong' });
  expect([wrong.status, wrong.body.code]).toEqual([403, 'confirmation_failed']);
  factor = (await browser.post<NewSecondFactor>('/api/v1/me/second-factor', { password: PASSWORD })).body;
  expect(factor.uri).toMatch(/^otpauth:\/\/totp\/Signpost/);
  expect(factor.recoveryCodes.length).toBeGreaterThanOrEqual(8);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.secondFactorEnabled).toBe(false);
  expect((await browser.post('/api/v1/me/second-factor/activate', { code: '000000' })).status).toBe(403);
  expect((await browser.post('/api/v1/me/second-factor/activate', { code: totp(factor.secret) })).status).toBe(204);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.secondFactorEnabled).toBe(true);
});

it('takes no code for signing in that turned it on a moment ago', async () => {
  const { browser } = person;
  const path = '/api/v1/me/second-factor';
  expect((await browser.send('DELETE', path, { body: { password: PASSWORD } })).status).toBe(204);
  factor = (await browser.post<NewSecondFactor>(path, { password: PASSWORD })).body;
  const code = totp(factor.secret);
  expect((await browser.post(`${path}/activate`, { code })).status).toBe(204);
  expect((await showCode(await givePassword(), code)).status).toBe(401);
});

it('is kept encrypted', async () => {
  const rows = await api.sql<{ row: string }>('SELECT t::text AS row FROM person_second_factors t');
  expect(rows).toHaveLength(1);
  for (const text of [factor.secret, ...factor.recoveryCodes]) expect(rows[0]?.row).not.toContain(text);
  const [secret] = await api.sql<{ sealed: string }>('SELECT sealed FROM sign_in_secret');
  expect(secret?.sealed).toMatch(/^v1\.test\./);
});

it('is asked for after the password, and its code signs in once', async () => {
  const FAILED = `SELECT FROM audit_log WHERE action = 'person.second_factor_failed'`;
  const before = await api.sql(FAILED);
  const [first, second] = [await givePassword(), await givePassword()];
  const wrong = await showCode(first, '000000');
  expect([wrong.status, wrong.body.code]).toEqual([401, 'sign_in_failed']);
  const code = totp(factor.secret);
  expect((await showCode(first, code)).body).toEqual({ secondFactor: false });
  expect((await first.get('/api/v1/me')).status).toBe(200);
  expect((await showCode(second, code)).status).toBe(401);
  expect((await second.get('/api/v1/me')).status).toBe(401);
  const failed = await api.sql(FAILED);
  expect(failed).toHaveLength(before.length + 2);
});

it('is asked of nobody by a cookie that names another note of the library than the second step', async () => {
  const step = /signpost_second_step=([\w-]+)/.exec((await givePassword()).cookieHeader())?.[1];
  const refused = await new Browser(api.url).send<ShownProblem>('POST', '/api/v1/session/second-factor', {
    body: { code: totp(factor.secret) },
    headers: { cookie: `signpost_second_step=2fa-attempts-${step}.x` },
  });
  expect([refused.status, refused.body.code]).toEqual([401, 'sign_in_failed']);
});

it('is asked for no more once the password was changed or every session ended since it was given', async () => {
  const { browser } = person;
  const changed = { current: PASSWORD, next: `${PASSWORD} anew` };
  const back = { current: changed.next, next: changed.current };
  const [first, second] = [await givePassword(), await givePassword()];
  expect((await browser.post('/api/v1/me/password', changed)).status).toBe(204);
  expect((await showCode(first, totp(factor.secret))).status).toBe(401);
  expect((await browser.post('/api/v1/me/password', back)).status).toBe(204);
  expect((await showCode(second, factor.recoveryCodes[0] ?? '')).status).toBe(401);

  const third = await givePassword();
  expect((await browser.send('DELETE', '/api/v1/sessions', {})).status).toBe(204);
  expect((await showCode(third, factor.recoveryCodes[0] ?? '')).status).toBe(401);
  await forgetUsedCodes();
  const again = await givePassword();
  expect((await showCode(again, totp(factor.secret))).status).toBe(200);
  person = { ...person, browser: again };
});

it.each(['/api/v1/me/password', '/api/v1/sessions'])(
  'begins no session that outlives %s when both are called at the same moment',
  async (path) => {
    const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const waiting = async (count: number) => {
      while ((await api.sql(WAITING)).length < count);
    };
    const browser = await givePassword();
    // Holds up the code once its session is written, but not committed.
    const gate = new Client({ connectionString: api.database.url });
    await gate.connect();
    await gate.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
    const showing = showCode(browser, totp(factor.secret));
    await waiting(1);
    const ending = path.endsWith('password')
      ? person.browser.post(path, { current: PASSWORD, next: PASSWORD })
      : person.browser.send('DELETE', path, {});
    await waiting(2);
    await gate.query('COMMIT');
    await gate.end();
    expect([(await showing).status, (await ending).status]).toEqual([200, 204]);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
    await forgetUsedCodes();
    const again = await givePassword();
    expect((await showCode(again, totp(factor.secret))).status).toBe(200);
    person = { ...person, browser: again };
  },
);

it('can be a recovery code, each of which is good once', async () => {
  const [code = ''] = factor.recoveryCodes;
  expect((await showCode(await givePassword(), code)).status).toBe(200);
  await forgetUsedCodes();
  expect((await showCode(await givePassword(), code)).status).toBe(401);
  expect((await showCode(new Browser(api.url), code)).status).toBe(401);
});

it('confirms that it is you', async () => {
  await letSignInAge(api, person.email);
  const { browser } = person;
  expect((await browser.get<ShownMe>('/api/v1/me')).body.recentUntil).toBeNull();
  expect((await browser.post('/api/v1/session/confirm', {})).status).toBe(400);
  expect((await browser.post('/api/v1/session/confirm', { code: '000000' })).status).toBe(403);
  expect((await browser.post('/api/v1/session/confirm', { code: totp(factor.secret) })).status).toBe(204);
  expect((await browser.get<ShownMe>('/api/v1/me')).body.recentUntil).not.toBeNull();
});

it('of another account proves nothing, whatever cookies come with its code', async () => {
  await createStore(api, 'acme');
  const other = await addMember(api, 'acme', 'viewer');
  const { body } = await other.browser.post<NewSecondFactor>('/api/v1/me/second-factor', { password: PASSWORD });
  const activated = { code: totp(body.secret) };
  expect((await other.browser.post('/api/v1/me/second-factor/activate', activated)).status).toBe(204);
  const [first = '', second = ''] = body.recoveryCodes;

  // A session whose signature is broken is a session still, but not to the library, which would turn to the second step.
  await letSignInAge(api, person.email);
  const session = /signpost_session=[^.;]+/.exec(person.browser.cookieHeader())?.[0];
  const beside = `${session}.broken; ${(await givePassword(other.email)).cookieHeader()}`;
  const confirmed = await person.browser.send<ShownProblem>('POST', '/api/v1/session/confirm', {
    body: { code: first },
    headers: { cookie: beside },
  });
  expect([confirmed.status, confirmed.body.code]).toEqual([403, 'confirmation_failed']);
  expect((await person.browser.get<ShownMe>('/api/v1/me')).body.recentUntil).toBeNull();

  const cookie = `${other.browser.cookieHeader()}; ${(await givePassword()).cookieHeader()}`;
  const completed = await person.browser.send<ShownProblem>('POST', '/api/v1/session/second-factor', {
    body: { code: second },
    headers: { cookie },
  });
  expect([completed.status, completed.body.code]).toEqual([401, 'sign_in_failed']);
});

it('gets new recovery codes, which end those before, and is removed by the password', async () => {
  const { browser } = person;
  const path = '/api/v1/me/second-factor';
  const { body } = await browser.post<NewSecondFactor>(`${path}/recovery-codes`, { password: PASSWORD });
  expect(body.recoveryCodes).toHaveLength(factor.recoveryCodes.length);
  expect((await showCode(await givePassword(), factor.recoveryCodes[1] ?? '')).status).toBe(401);
  expect((await showCode(await givePassword(), body.recoveryCodes[0] ?? '')).status).toBe(200);
  expect((await browser.send('DELETE', path, { body: { password: 'wrong' } })).status).toBe(403);
  expect((await browser.send('DELETE', path, { body: { password: PASSWORD } })).status).toBe(204);
  const again = await new Browser(api.url).post('/api/v1/session', { email: person.email, password: PASSWORD });
  expect(again.body).toEqual({ secondFactor: false });
});
