import { createApiKey, createStore } from '../support/admin-objects';
import { Browser } from '../support/browser';
import { openPortal, PASSWORD, setUp, type ShownMe, signIn, type TestPerson } from '../support/people';
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

it('is told of confirming and of signing out with what it did, or with neither', async () => {
  const browser = await signIn(api, person.email);
  await expectWholeOrNothing('person.confirmed', () => browser.post('/api/v1/session/confirm', { password: PASSWORD }));
  await expectStatus(403, browser.post('/api/v1/session/confirm', { password: NEXT }));
  expect(await entriesOf('person.confirmed')).toBe(1);
  await expectWholeOrNothing('person.signed_out', () => browser.delete('/api/v1/session'));
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

describe('an event that a person publishes by hand', () => {
  let events: string;

  beforeAll(async () => {
    const store = await createStore(api, 'acme');
    events = `${store}/events`;
  });

  const order = (id: number) => ({ type: 'order.create', data: { id } });
  const published = () =>
    api.sql<{ id: string }>('SELECT id FROM events WHERE store_id = (SELECT id FROM stores) ORDER BY id');

  it('and its audit entry are kept together or not at all', async () => {
    await api.sql(`ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> 'event.published') NOT VALID`);
    expect((await person.browser.post(events, order(1))).status).toBeGreaterThanOrEqual(500);
    expect(await published()).toEqual([]);
    await api.sql('ALTER TABLE audit_log DROP CONSTRAINT refused');
    await expectStatus(202, person.browser.post(events, order(1)));
    expect([(await published()).length, await entriesOf('event.published')]).toEqual([1, 1]);
  });

  it('is in the audit log once, with who it was and from where, however often it is sent', async () => {
    const again = { body: order(2), headers: { 'idempotency-key': 'order-2' } };
    const { id } = await expectStatus(202, person.browser.send<{ id: string }>('POST', events, again));
    await expectStatus(202, person.browser.send('POST', events, again));
    const { body } = await api.operator.get<{ data: object[] }>(events.replace(/events$/, 'audit-log?limit=2'));
    const me = (await person.browser.get<ShownMe>('/api/v1/me')).body;
    expect(body.data[0]).toMatchObject({
      action: 'event.published',
      object: { kind: 'event', id },
      actor: { kind: 'person', id: me.id, address: '127.0.0.1' },
      changes: { after: { type: 'order.create' } },
    });
    expect(body.data[1]).not.toMatchObject({ object: { id } });
  });

  it('is told of with the portal link by which who publishes it came', async () => {
    const merchant = await openPortal(api, 'acme');
    const { id } = await expectStatus(202, merchant.post<{ id: string }>(events, order(5)));
    const { body } = await api.operator.get<{ data: { actor: object }[] }>(
      events.replace(/events$/, 'audit-log?limit=2'),
    );
    const [published, opened] = body.data;
    expect(published).toMatchObject({ action: 'event.published', object: { kind: 'event', id } });
    expect(opened).toMatchObject({ action: 'portal.opened', actor: { id: expect.stringMatching(/^prt_/) as string } });
    expect(published?.actor).toEqual(opened?.actor);
  });

  it('is told of one by one where it is one of a batch, and not at all where a key or the operator publishes it', async () => {
    const entries = await entriesOf('event.published');
    const apiKey = await createApiKey(api, events.replace(/[/]events$/, ''), { permissions: ['orders:write'] });
    const batch = { events: [order(3), order(4)] };
    for (const caller of [api.as(apiKey), api.operator]) await expectStatus(202, caller.post(`${events}/batch`, batch));
    expect(await entriesOf('event.published')).toBe(entries);
    await expectStatus(202, person.browser.post(`${events}/batch`, batch));
    expect(await entriesOf('event.published')).toBe(entries + 2);
  });
});

it('has a portal that is closed in the log of its store, or leaves it open', async () => {
  const store = await createStore(api, 'portal-shop');
  const merchant = await openPortal(api, 'portal-shop');
  const close = () => merchant.delete('/api/v1/session');
  await api.sql(`ALTER TABLE audit_log ADD CONSTRAINT refused CHECK (action <> 'portal.closed') NOT VALID`);
  await expectStatus(500, close());
  await expectStatus(200, merchant.get(`${store}/webhooks`));
  await api.sql('ALTER TABLE audit_log DROP CONSTRAINT refused');
  await expectStatus(204, close());
  await expectStatus(401, merchant.get(`${store}/webhooks`));
  const { body } = await person.browser.get<{ data: { action: string; object: object; actor: object }[] }>(
    `${store}/audit-log?limit=2`,
  );
  const [closed, opened] = body.data;
  expect([closed?.action, opened?.action]).toEqual(['portal.closed', 'portal.opened']);
  expect([closed?.object, closed?.actor]).toEqual([opened?.object, opened?.actor]);
});
