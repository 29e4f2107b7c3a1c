import { Browser } from '../support/browser';
import { PASSWORD, setUp, type ShownMe, signIn, type TestPerson } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { expectStatus } from '../support/test-system';
import { totp } from '../support/totp';

const NEXT = 'another long password';
const FACTOR = '/api/v1/me/second-factor';

let api: TestApi;
let person: TestPerson;
/** Another device of theirs. */
let other: Browser;

beforeAll(async () => {
  api = await startTestApi();
  person = await setUp(api);
  other = await signIn(api, person.email);
});
afterEach(() => api.sql('ALTER TABLE audit_log DROP CONSTRAINT IF EXISTS refused'));
afterAll(() => api.close());

/** A digest of all that the sign-in library keeps of people, apart from counts of failures and sign-ins that are under way. */
async function kept(): Promise<string> {
  const tables = ['people', 'person_accounts', 'person_sessions', 'person_second_factors'];
  const texts = tables.map((table) => `(SELECT string_agg(t::text, ',' ORDER BY t::text) FROM ${table} t)`);
  const [row] = await api.sql<{ whole: string }>(`SELECT md5(concat_ws(' ', ${texts.join(', ')})) AS whole`);
  return row?.whole ?? '';
}

const entriesOf = async (action: string) => (await api.sql('SELECT FROM audit_log WHERE action = $1', [action])).length;

/** Does something while the audit log takes no entry of it, and then once more. */
async function expectWholeOrNothing(action: string, act: () => Promise<{ status: number }>): Promise<void> {
  const [before, entries] = [await kept(), await entriesOf(action)];
  await api.sql(`ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> '${action}') NOT VALID`);
  expect([action, (await act()).status]).toEqual([action, 500]);
  expect(await kept()).toBe(before);
  await api.sql('ALTER TABLE audit_log DROP CONSTRAINT refused');
  await api.sql('TRUNCATE person_used_codes');
  expect((await act()).status).toBeLessThan(300);
  expect(await kept()).not.toBe(before);
  expect(await entriesOf(action)).toBe(entries + 1);
}

describe('what a person does to how they sign in, and its audit entry, are kept together or not at all:', () => {
  let factor: { secret: string; recoveryCodes: string[] };

  it('signing in', async () => {
    const credentials = { email: person.email, password: PASSWORD };
    await expectWholeOrNothing('person.signed_in', () => api.nobody.post('/api/v1/session', credentials));
  });

  it('a new password', async () => {
    const change = (current: string, next: string) => person.browser.post('/api/v1/me/password', { current, next });
    await expectWholeOrNothing('person.password_changed', () => change(PASSWORD, NEXT));
    expect((await person.browser.get('/api/v1/me')).status).toBe(200);
    expect((await other.get('/api/v1/me')).status).toBe(401);
    await expectStatus(204, change(NEXT, PASSWORD));
  });

  it('a second factor', async () => {
    factor = await expectStatus(200, person.browser.post<typeof factor>(FACTOR, { password: PASSWORD }));
    const activate = () => person.browser.post(`${FACTOR}/activate`, { code: totp(factor.secret) });
    await expectWholeOrNothing('person.second_factor_added', activate);
    expect((await person.browser.get<ShownMe>('/api/v1/me')).body.secondFactorEnabled).toBe(true);
  });

  it('signing in with it, by a code and by a recovery code', async () => {
    await api.sql('TRUNCATE person_used_codes');
    for (const code of [totp(factor.secret, 1), factor.recoveryCodes[0]]) {
      await expectWholeOrNothing('person.signed_in', async () => {
        const browser = new Browser(api.url);
        await expectStatus(200, browser.post('/api/v1/session', { email: person.email, password: PASSWORD }));
        return browser.post('/api/v1/session/second-factor', { code });
      });
    }
  });

  it('new recovery codes', async () => {
    await expectWholeOrNothing('person.recovery_codes_replaced', () =>
      person.browser.post(`${FACTOR}/recovery-codes`, { password: PASSWORD }),
    );
  });

  it('no second factor any more', async () => {
    await expectWholeOrNothing('person.second_factor_removed', () =>
      person.browser.send('DELETE', FACTOR, { body: { password: PASSWORD } }),
    );
  });
});

it('leaves a wrong proof counted, and nothing told', async () => {
  await expectStatus(200, person.browser.post(FACTOR, { password: PASSWORD }));
  const entries = await entriesOf('person.second_factor_added');
  await expectStatus(403, person.browser.post(`${FACTOR}/activate`, { code: '000000' }));
  expect(await entriesOf('person.second_factor_added')).toBe(entries);
});

it('has a new name with the one before, and no entry for the name that somebody has already', async () => {
  const renamed = () =>
    api.sql<{ changes: object }>(`SELECT changes FROM audit_log WHERE action = 'person.updated' ORDER BY id`);
  const { name } = (await person.browser.get<ShownMe>('/api/v1/me')).body;
  expect((await person.browser.patch<ShownMe>('/api/v1/me', { name: 'Ann' })).body.name).toBe('Ann');
  expect((await person.browser.patch<ShownMe>('/api/v1/me', { name: 'Ann' })).body.name).toBe('Ann');
  expect(await renamed()).toEqual([{ changes: { before: { name }, after: { name: 'Ann' } } }]);
});
