import { Client } from 'pg';
import { Browser } from '../support/browser';
import { createStore, type ShownProblem } from '../support/admin-objects';
import { addMember, PASSWORD, setUp, type ShownMe, signIn, type TestPerson, tokenOf } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** Sessions that wait for a lock which another one holds. */
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

const NEWCOMER = { name: 'Ann', email: 'ann@example.com', password: PASSWORD };

describe('before anybody can sign in', () => {
  it('answers people that the set-up is due, and everybody else as ever', async () => {
    expect((await api.nobody.get('/api/v1/setup')).body).toEqual({ due: true });
    const calls = [
      api.nobody.get<ShownProblem>('/api/v1/me'),
      api.nobody.get<ShownProblem>('/api/v1/sign-in-options'),
      api.nobody.post<ShownProblem>('/api/v1/session', { email: NEWCOMER.email, password: PASSWORD }),
      api.nobody.post<ShownProblem>('/api/v1/invitations/look', { token: 'x' }),
    ];
    for (const { status, body } of await Promise.all(calls)) expect([status, body.code]).toEqual([409, 'setup_due']);
    expect((await api.nobody.get('/api/v1/stores')).status).toBe(401);
    await createStore(api, 'early');
  });

  it('lets nobody in by another token, or by an expired link', async () => {
    const wrong = await api.nobody.post<ShownProblem>('/api/v1/setup', { token: 'x'.repeat(43), ...NEWCOMER });
    expect([wrong.status, wrong.body.code]).toEqual([410, 'link_invalid']);
    await api.sql(`UPDATE setup_link SET expires_at = now() - interval '1 second'`);
    const token = tokenOf(api.api.setupUrl);
    expect((await api.nobody.post('/api/v1/setup', { token, ...NEWCOMER })).status).toBe(410);
    await api.sql(`UPDATE setup_link SET expires_at = now() + interval '1 hour'`);
  });

  it('refuses an address that nobody could sign in with, and leaves the link as it was', async () => {
    const token = tokenOf(api.api.setupUrl);
    for (const email of ['jörg@example.com', 'a@exämple.com', '"a b"@example.com', 'a/b@example.com', 'a@\ud800.com']) {
      const { status, body } = await api.nobody.post<ShownProblem>('/api/v1/setup', { token, ...NEWCOMER, email });
      expect([email, status, body.errors?.map(({ field, rule }) => [field, rule])]).toEqual([
        email,
        400,
        [['email', 'email']],
      ]);
    }
    expect((await api.nobody.get('/api/v1/setup')).body).toEqual({ due: true });
  });

  it('ends the link before with each start, and lets one of many in who follow it at once', async () => {
    const again = await startTestApi({ database: api.database });
    try {
      const old = await api.nobody.post('/api/v1/setup', { token: tokenOf(api.api.setupUrl), ...NEWCOMER });
      expect(old.status).toBe(410);
      const token = tokenOf(again.api.setupUrl);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          again.nobody.post('/api/v1/setup', { token, ...NEWCOMER, email: `racer${index}@example.com` }),
        ),
      );
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      expect(statuses).toEqual([204, ...Array.from({ length: 19 }, () => 410)]);
      expect(await api.sql('SELECT operator FROM people')).toEqual([{ operator: true }]);
    } finally {
      await again.close();
    }
    const later = await startTestApi({ database: api.database });
    expect(later.api.setupUrl).toBeNull();
    await later.close();
  });
});

describe('once somebody can sign in', () => {
  let operator: TestPerson;

  beforeAll(async () => {
    await api.sql('TRUNCATE people CASCADE');
    const started = await startTestApi({ database: api.database });
    operator = await setUp(started);
    await started.close();
    operator = { ...operator, browser: await signIn(api, operator.email) };
  });

  it('shows who is signed in, and gives cookies that scripts and other sites do not get', async () => {
    const me = await operator.browser.get<ShownMe>('/api/v1/me');
    expect(me.body).toMatchObject({ email: operator.email, operator: true, portal: false, secondFactorEnabled: false });
    expect(me.body.recentUntil).not.toBeNull();
    const { headers } = await api.nobody.post('/api/v1/session', { email: operator.email, password: PASSWORD });
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^signpost_session=/);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('gives cookies to HTTPS and one host alone where people come by HTTPS', async () => {
    const settings = { SIGNPOST_PUBLIC_URL: 'https://signpost.example.com' };
    const secure = await startTestApi({ database: api.database, settings });
    try {
      const { headers } = await secure.nobody.post('/api/v1/session', { email: operator.email, password: PASSWORD });
      const [cookie = ''] = headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-signpost_session=/);
      expect(cookie).toMatch(/; Secure/i);
      expect(cookie).toMatch(/; Path=\/(;|$)/i);
      expect(cookie).not.toMatch(/domain=/i);
    } finally {
      await secure.close();
    }
  });

  it('keeps neither tokens nor passwords in the database', async () => {
    const token = /signpost_session=([^.%]+)/.exec(operator.browser.cookieHeader())?.[1] ?? '';
    expect(token.length).toBeGreaterThan(20);
    const tables = ['people', 'person_accounts', 'person_sessions', 'person_verifications', 'audit_log'];
    for (const table of tables) {
      const rows = await api.sql<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      for (const { row } of rows) {
        expect(row).not.toContain(token);
        expect(row).not.toContain(PASSWORD);
      }
    }
  });

  it('lets nobody sign up', async () => {
    const body = { name: 'Mallory', email: 'mallory@example.com', password: PASSWORD };
    for (const path of ['/api/v1/openid/sign-up/email', '/api/auth/sign-up/email', '/sign-up/email']) {
      expect((await api.nobody.post(path, body)).status).toBe(404);
    }
    expect((await api.nobody.post('/api/v1/setup', { token: 'x'.repeat(43), ...body })).status).toBe(410);
  });

  it('answers an unknown address and a wrong password with the same bytes', async () => {
    const wrong = { email: operator.email, password: 'not the password at all' };
    const answers = await Promise.all([
      api.nobody.post<ShownProblem>('/api/v1/session', wrong),
      api.nobody.post<ShownProblem>('/api/v1/session', { ...wrong, email: 'nobody@example.com' }),
    ]);
    const [known, unknown] = answers.map(({ status, headers, text }) => [
      status,
      headers.getSetCookie(),
      text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'REQUEST'),
    ]);
    expect(known).toEqual(unknown);
    expect(answers[0].body.code).toBe('sign_in_failed');
  });

  it('asks the browser of a signed-in person where a change comes from', async () => {
    const { browser } = operator;
    const rename = { name: 'Renamed' };
    for (const origin of ['https://evil.example', 'null', '']) {
      const answer = await browser.send('PATCH', '/api/v1/me', { body: rename, headers: { origin } });
      expect(answer.status).toBe(403);
    }
    const form = await browser.send('PATCH', '/api/v1/me', {
      body: 'name=x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(form.status).toBe(415);
    const signIn = { body: { email: operator.email, password: PASSWORD }, headers: { origin: 'https://evil.example' } };
    expect((await api.nobody.send('POST', '/api/v1/session', signIn)).status).toBe(403);
    expect((await browser.patch<ShownMe>('/api/v1/me', rename)).body.name).toBe('Renamed');
  });

  it('ends a session, or all of them, from the next request on', async () => {
    const [first, second] = [await signIn(api, operator.email), await signIn(api, operator.email)];
    const stolen = first.copy();
    expect((await first.delete('/api/v1/session')).status).toBe(204);
    expect((await first.get('/api/v1/me')).status).toBe(401);
    expect((await stolen.get('/api/v1/me')).status).toBe(401);
    const third = await signIn(api, operator.email);
    expect((await second.delete('/api/v1/sessions')).status).toBe(204);
    expect((await third.get('/api/v1/me')).status).toBe(401);
    operator = { ...operator, browser: await signIn(api, operator.email) };
  });

  it('changes a password for who knows it, and ends the other sessions', async () => {
    const member = await addMember(api, 'early', 'viewer');
    const other = await signIn(api, member.email);
    const next = '🔑'.repeat(128);
    const wrong = await member.browser.post<ShownProblem>('/api/v1/me/password', { current: 'wrong', next });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'confirmation_failed']);
    expect((await member.browser.post('/api/v1/me/password', { current: PASSWORD, next })).status).toBe(204);
    expect((await member.browser.get('/api/v1/me')).status).toBe(200);
    expect((await other.get('/api/v1/me')).status).toBe(401);
    expect((await api.nobody.post('/api/v1/session', { email: member.email, password: PASSWORD })).status).toBe(401);
    expect((await api.nobody.post('/api/v1/session', { email: member.email, password: next })).status).toBe(200);
  });

  it('lets nobody in by a password that is changed while it is checked', async () => {
    const { email } = await addMember(api, 'early', 'viewer');
    const change = new Client({ connectionString: api.database.url });
    await change.connect();
    const ofMember = '(SELECT id FROM people WHERE email = $1)';
    await change.query('BEGIN');
    await change.query(`UPDATE person_accounts SET password = 'another' WHERE user_id = ${ofMember}`, [email]);
    let answered = false;
    const signingIn = api.nobody.post('/api/v1/session', { email, password: PASSWORD }).finally(() => {
      answered = true;
    });
    while (!answered && (await api.sql(WAITING)).length === 0);
    await change.query('COMMIT');
    await change.end();
    expect((await signingIn).status).toBe(401);
    expect(await api.sql(`SELECT FROM person_sessions WHERE user_id = ${ofMember}`, [email])).toHaveLength(1);
  });

  it('makes who guesses wait, and not who signs in from elsewhere', async () => {
    const { email } = await addMember(api, 'early', 'viewer');
    const guess = () => api.nobody.post<ShownProblem>('/api/v1/session', { email, password: 'a wrong guess' });
    const statuses = (await Promise.all(Array.from({ length: 14 }, guess))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    const refused = await api.nobody.post<ShownProblem>('/api/v1/session', { email, password: PASSWORD });
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.nobody.post('/api/v1/session', { email: operator.email, password: PASSWORD })).status).toBe(200);
  });
});

describe('failures are counted', () => {
  let proxied: TestApi;
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const tryAs = (email: string, address: string, password = PASSWORD) =>
    proxied.nobody.post<ShownProblem>('/api/v1/session', { email, password }, from(address));
  /** Makes one failure more of something a failure too many. */
  const fill = (subject: string) => api.sql('UPDATE throttles SET failures = 100 WHERE subject ~ $1', [subject]);

  beforeAll(async () => {
    proxied = await startTestApi({
      database: api.database,
      settings: { SIGNPOST_TRUSTED_PROXIES: '127.0.0.0/8' },
    });
  });
  afterAll(() => proxied.close());

  it('for an address, whichever account is tried from it', async () => {
    expect((await tryAs('nobody@example.com', '203.0.113.7', 'a wrong guess')).status).toBe(401);
    await fill('^address:203.0.113.7$');
    const { email } = await addMember(api, 'early', 'viewer');
    expect((await tryAs(email, '203.0.113.7')).status).toBe(429);
    expect((await tryAs(email, '203.0.113.7:50123')).status).toBe(429);
    expect((await tryAs(email, '203.0.113.8')).status).toBe(200);
  });

  it('for an account, wherever it is tried from, until the quarter of an hour is over', async () => {
    const { email } = await addMember(api, 'early', 'viewer');
    await api.sql('TRUNCATE throttles');
    expect((await tryAs(email, '203.0.113.9', 'a wrong guess')).status).toBe(401);
    await fill('^account:[^:]+$');
    expect((await tryAs(email, '203.0.113.10')).status).toBe(429);
    await api.sql(`UPDATE throttles SET resets_at = now() - interval '1 second'`);
    expect((await tryAs(email, '203.0.113.10')).status).toBe(200);
  });

  it('only where something was tried: whoever is made to wait and goes on keeps nobody else out', async () => {
    const { email } = await addMember(api, 'early', 'viewer');
    await api.sql('TRUNCATE throttles');
    const guess = () => tryAs(email, '203.0.113.20', 'a wrong guess');
    for (let round = 0; round < 11; round += 1) await Promise.all(Array.from({ length: 10 }, guess));
    expect((await tryAs(email, '203.0.113.20')).status).toBe(429);
    expect((await tryAs(email, '203.0.113.21')).status).toBe(200);
  });

  it('for an address that tries links', async () => {
    const look = (address: string) =>
      proxied.nobody.post('/api/v1/invitations/look', { token: 'x'.repeat(43) }, from(address));
    expect((await look('203.0.113.11')).status).toBe(410);
    await fill('^link:203.0.113.11$');
    expect([(await look('203.0.113.11')).status, (await look('203.0.113.12')).status]).toEqual([429, 410]);
  });
});

describe('an invitation', () => {
  const invite = (email: string) =>
    api.operator.post<{ id: string; link: string; role: string }>('/api/v1/stores/early/invitations', {
      email,
      role: 'admin',
    });

  it('shows what it is to, lets one newcomer in, and is used up by that', async () => {
    const { body } = await invite('New@Example.com');
    const token = tokenOf(body.link);
    const sight = { email: 'new@example.com', storeName: 'Store early', role: 'admin', knownPerson: false };
    expect((await api.nobody.post('/api/v1/invitations/look', { token })).body).toEqual(sight);
    const nameless = await api.nobody.post<ShownProblem>('/api/v1/invitations/accept', { token });
    expect([nameless.status, nameless.body.errors?.length]).toEqual([400, 2]);
    const accept = () => {
      const browser = new Browser(api.url);
      return browser.post('/api/v1/invitations/accept', { token, name: 'New', password: PASSWORD });
    };
    const statuses = (await Promise.all(Array.from({ length: 5 }, accept))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect((await api.nobody.post('/api/v1/invitations/look', { token })).status).toBe(410);
    const browser = await signIn(api, 'new@example.com');
    const { stores } = (await browser.get<ShownMe>('/api/v1/me')).body;
    expect(stores).toEqual([{ key: 'early', name: 'Store early', role: 'admin' }]);
  });

  it('is good for the address that it was made for alone, and for who is known only signed in', async () => {
    const [invited, other] = [await addMember(api, 'early', 'viewer'), await addMember(api, 'early', 'viewer')];
    await createStore(api, 'second');
    const path = '/api/v1/stores/second/invitations';
    const { body } = await api.operator.post<{ link: string }>(path, { email: invited.email, role: 'owner' });
    const token = tokenOf(body.link);
    expect((await api.nobody.post('/api/v1/invitations/accept', { token })).status).toBe(403);
    expect((await other.browser.post('/api/v1/invitations/accept', { token })).status).toBe(403);
    expect((await invited.browser.post('/api/v1/invitations/accept', { token })).status).toBe(204);
    const { stores } = (await invited.browser.get<ShownMe>('/api/v1/me')).body;
    expect(stores.map(({ key, role }) => [key, role])).toEqual([
      ['second', 'owner'],
      ['early', 'viewer'],
    ]);
  });

  it('ends when it expires, is withdrawn, or is made anew', async () => {
    const first = await invite('late@example.com');
    const second = await invite('late@example.com');
    expect((await api.nobody.post('/api/v1/invitations/look', { token: tokenOf(first.body.link) })).status).toBe(410);
    await api.sql(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE email = 'late@example.com'`);
    expect((await api.nobody.post('/api/v1/invitations/look', { token: tokenOf(second.body.link) })).status).toBe(410);
    const third = await invite('late@example.com');
    expect((await api.operator.delete(`/api/v1/stores/early/invitations/${third.body.id}`)).status).toBe(204);
    expect((await api.nobody.post('/api/v1/invitations/look', { token: tokenOf(third.body.link) })).status).toBe(410);
  });
});
