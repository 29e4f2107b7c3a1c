import { Browser } from '../support/browser';
import { createStore, type ShownProblem } from '../support/admin-objects';
import { addMember, PASSWORD, setUp, type ShownMe, signIn, type TestPerson, tokenOf } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

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
      const statuses = answers.map(({ status }) => status).sort();
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
