import { decodeId } from '@signpost/domain';
import { Client } from 'pg';
import { createStore, type ShownProblem } from '../support/admin-objects';
import { addMember, setUp, type ShownMe, signIn, type TestPerson, tokenOf } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import type { TestClient } from '../support/test-client';
import { expectStatus } from '../support/test-system';

let api: TestApi;
let store: string;
let owner: TestPerson;
let stores = 0;

beforeAll(async () => {
  api = await startTestApi();
  await setUp(api);
});
afterAll(() => api.close());
beforeEach(async () => {
  stores += 1;
  store = await createStore(api, `store-${stores}`);
  owner = await addMember(api, `store-${stores}`, 'owner');
});

const idOf = async ({ browser }: TestPerson) => (await browser.get<ShownMe>('/api/v1/me')).body.id;
const remove = (client: TestClient, id: string) => client.delete<ShownProblem>(`${store}/members/${id}`);
const demote = (client: TestClient, id: string) =>
  client.patch<ShownProblem>(`${store}/members/${id}`, { role: 'admin' });
/** Sessions that wait for a lock which another one holds. */
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const ownersOf = async () => {
  const { data } = await expectStatus(200, api.operator.get<{ data: { role: string }[] }>(`${store}/members`));
  return data.filter(({ role }) => role === 'owner').length;
};

describe('the last owner of a store', () => {
  it.each([
    ['leaves', () => owner.browser, remove],
    ['steps down', () => owner.browser, demote],
    ['is removed by the operator', () => api.operator, remove],
    ['is made an admin by the operator', () => api.operator, demote],
  ])('stays when they would go: %s', async (_, client, act) => {
    await addMember(api, `store-${stores}`, 'admin');
    const answer = await act(client(), await idOf(owner));
    expect([answer.status, answer.body.code]).toEqual([409, 'last_owner']);
    expect(answer.body.detail).toBe('A store keeps an owner: make somebody else one first.');
    expect((await owner.browser.get(`${store}/members`)).status).toBe(200);
    expect(await ownersOf()).toBe(1);
    const told = await expectStatus(
      200,
      api.operator.get<{ data: { action: string }[] }>(`${store}/audit-log?limit=1`),
    );
    expect(told.data.map(({ action }) => action)).toEqual(['member.added']);
  });

  it('goes once there is another one', async () => {
    const id = await idOf(owner);
    await addMember(api, `store-${stores}`, 'owner');
    expect((await remove(owner.browser, id)).status).toBe(204);
    expect(await ownersOf()).toBe(1);
  });

  it.each([
    ['leave', remove, remove],
    ['step down', demote, demote],
    ['leave and step down', remove, demote],
  ])('is left when all owners %s at the same moment', async (_, one, other) => {
    const owners = [owner, await addMember(api, `store-${stores}`, 'owner')];
    const ids = await Promise.all(owners.map(idOf));
    // Nobody can write to the audit log until both have begun: each has changed a row, or waits for the other one to end.
    const gate = new Client({ connectionString: api.database.url });
    await gate.connect();
    await gate.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
    const acts = Promise.all([one(api.operator, ids[0] ?? ''), other(api.operator, ids[1] ?? '')]);
    while ((await api.sql(WAITING)).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await gate.query('COMMIT');
    await gate.end();
    const answers = await acts;
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses[0]).toBeLessThan(300);
    expect(statuses[1]).toBe(409);
    expect(await ownersOf()).toBe(1);
  });

  it('stays one who accepts an older invitation to be less', async () => {
    const { email } = await addMember(api, 'store-1', 'viewer');
    const browser = await signIn(api, email);
    const invite = async (role: string) => {
      const body = { email, role };
      return tokenOf((await expectStatus(201, api.operator.post<{ link: string }>(`${store}/invitations`, body))).link);
    };
    const older = await invite('viewer');
    const hidden = await api.sql<{ id: string }>(`UPDATE invitations SET email = 'hidden@example.com' RETURNING id`);
    const newer = await invite('owner');
    const accept = (token: string) => browser.post('/api/v1/invitations/accept', { token });
    await remove(api.operator, await idOf(owner));
    expect((await accept(newer)).status).toBe(204);
    await api.sql('UPDATE invitations SET email = $2 WHERE id = $1', [hidden[0]?.id, email]);
    expect((await accept(older)).status).toBe(204);
    expect((await browser.get<ShownMe>('/api/v1/me')).body.stores).toContainEqual(
      expect.objectContaining({ key: `store-${stores}`, role: 'owner' }),
    );
  });

  it('is no person whom anybody deletes from the database; a deleted store needs no owner', async () => {
    const id = decodeId('person', await idOf(owner));
    const deletion = () => api.sql('DELETE FROM people WHERE id = $1 RETURNING email', [id]);
    await expect(deletion()).rejects.toThrow('A store keeps an owner');
    await expectStatus(204, api.operator.delete(store));
    expect(await deletion()).toEqual([{ email: owner.email }]);
  });
});
