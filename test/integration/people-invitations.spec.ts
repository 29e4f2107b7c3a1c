import { migrateDatabase } from '@signpost/database';
import { Client } from 'pg';
import { createStore } from '../support/admin-objects';
import { setUp, tokenOf } from '../support/people';
import { startTestApi, type TestApi } from '../support/test-api';
import { expectStatus } from '../support/test-system';

interface Invited {
  readonly id: string;
  readonly link: string;
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await setUp(api);
});
afterAll(() => api.close());

const invite = (store: string, email: string) =>
  expectStatus(201, api.operator.post<Invited>(`${store}/invitations`, { email, role: 'admin' }));
const idsOf = async (store: string) => {
  const { data } = await expectStatus(200, api.operator.get<{ data: Invited[] }>(`${store}/invitations`));
  return data.map(({ id }) => id);
};
const statusOf = async ({ link }: Invited) =>
  (await api.nobody.post('/api/v1/invitations/look', { token: tokenOf(link) })).status;

/** Sessions that wait for a lock which another one holds. */
const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

it('leaves one link good, the last one, when an address is invited several times at the same moment', async () => {
  const store = await createStore(api, 'racing');
  // Nobody can write to the audit log until all have begun: each has changed a row, or waits for another one to end.
  const gate = new Client({ connectionString: api.database.url });
  await gate.connect();
  await gate.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
  const inviting = Promise.all(
    ['ann@example.com', 'Ann@Example.com', 'ANN@example.com'].map((to) => invite(store, to)),
  );
  while ((await api.sql(WAITING)).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  await gate.query('COMMIT');
  await gate.end();

  const invitations = await inviting;

  expect((await Promise.all(invitations.map(statusOf))).sort((a, b) => a - b)).toEqual([200, 410, 410]);
  const last = await invite(store, 'ann@example.com');
  expect(await idsOf(store)).toEqual([last.id]);
  expect(await Promise.all([...invitations, last].map(statusOf))).toEqual([410, 410, 410, 200]);
});

it('keeps the newest of the invitations that an address of a store has from before they were unique', async () => {
  const [store, other] = [await createStore(api, 'old'), await createStore(api, 'other')];
  const newest = await invite(store, 'bob@example.com');
  const elsewhere = await invite(other, 'bob@example.com');
  await api.sql('DROP INDEX invitations_address');
  await api.sql(`DELETE FROM signpost_migrations WHERE name LIKE 'OneInvitation%'`);
  await api.sql(
    `INSERT INTO invitations (id, store_id, email, role, token_hash, created_at, expires_at)
     SELECT gen_random_uuid(), i.store_id, i.email, 'owner', sha256(n::text::bytea), i.created_at - n * interval '1 minute', i.expires_at
     FROM invitations i JOIN stores s ON s.id = i.store_id, generate_series(1, 3) n WHERE s.key = 'old'`,
  );

  await migrateDatabase({ url: api.database.url });

  expect([await idsOf(store), await idsOf(other)]).toEqual([[newest.id], [elsewhere.id]]);
});
