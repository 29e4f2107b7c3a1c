import {
  checkKeyRing,
  createDataSource,
  readSignInSecret,
  rewrapSecrets,
  type RewrapStep,
  rewrapSignInSecret,
  SqlClient,
} from '@signpost/database';
import { decodeId, type KeyRing, parseKeyRing } from '@signpost/domain';
import type { DataSource } from 'typeorm';
import { runCommand } from '../../apps/cli/src/run-command';
import { createApiKey, createStore, type ShownApiKey, type ShownProblem } from '../support/admin-objects';
import { startTestApi, type TestApi } from '../support/test-api';
import { expectStatus } from '../support/test-system';

const entryOf = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const OLD = entryOf('old', 1);
const NEW = entryOf('new', 2);

let api: TestApi;
let dataSource: DataSource;
let sql: SqlClient;
let store: string;

beforeEach(async () => {
  api = await startTestApi({ settings: { SIGNPOST_ENCRYPTION_KEYS: `${OLD},${NEW}` } });
  dataSource = createDataSource({ url: api.database.url, poolSize: 2, applicationName: 'test' });
  await dataSource.initialize();
  sql = new SqlClient(dataSource);
  store = await createStore(api, 'acme');
});
afterEach(async () => {
  await dataSource.destroy();
  await api.close();
});

const rewrap = async (ring: KeyRing, keysPerStep = 100): Promise<RewrapStep[]> => {
  const steps: RewrapStep[] = [];
  for await (const step of rewrapSecrets(sql, ring, keysPerStep)) steps.push(step);
  return steps;
};
const ringOf = (...entries: string[]) => parseKeyRing(entries.join(','));
const wrappings = async () =>
  (
    await api.sql<{ ids: string }>(
      `SELECT DISTINCT concat_ws(',', split_part(key_sealed, '.', 2), split_part(secret_sealed, '.', 2),
         split_part(previous_secret_sealed, '.', 2)) AS ids FROM api_keys ORDER BY 1`,
    )
  ).map(({ ids }) => ids);
const rekeyWith = async (keys: string) => {
  const heard: string[] = [];
  const result = await runCommand(['rekey'], {
    env: {
      DATABASE_URL: api.database.url,
      SIGNPOST_OPERATOR_TOKEN: 'a-token-of-the-test',
      SIGNPOST_ENCRYPTION_KEYS: keys,
      SIGNPOST_DATA_DIR: '/dev/null/data',
    },
    directory: '/dev/null',
    say: (line) => void heard.push(line),
    complain: (line) => void heard.push(line),
  });
  return { result, last: heard.at(-1) };
};
const reveal = (apiKey: { id: string }) => api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/reveal`);

it('seals everything with the first key of the ring, changes nothing else, and makes the old key removable', async () => {
  const apiKey = await createApiKey(api, store);
  await createApiKey(api, store);
  const rotated = await expectStatus(
    200,
    api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/rotate-secret`),
  );
  const traces = () =>
    api.sql(`SELECT k.version, k.updated_at, s.version AS store_version, (SELECT count(*) FROM audit_log) AS entries
             FROM api_keys k JOIN stores s ON s.id = k.store_id ORDER BY k.id`);
  const before = await traces();
  await expect(checkKeyRing(sql, ringOf(NEW))).rejects.toThrow('lacks the key "old"');

  expect(await rewrap(ringOf(NEW, OLD))).toEqual([{ rewrapped: 2, contended: 0, unreadable: [] }]);

  expect(await wrappings()).toEqual(['new,new', 'new,new,new']);
  expect(await traces()).toEqual(before);
  await expect(checkKeyRing(sql, ringOf(NEW))).resolves.toBeUndefined();
  expect((await reveal(apiKey)).body).toEqual({ key: apiKey.key, secret: rotated.secret });
  for (const secret of [apiKey.secret, rotated.secret]) {
    expect((await api.as({ key: apiKey.key, secret }).get('/api/v1/event-types')).status).toBe(200);
  }
  expect(await rewrap(ringOf(NEW, OLD))).toEqual([]);
});

it('goes on where it was broken off', async () => {
  for (let n = 0; n < 5; n += 1) await createApiKey(api, store);
  const steps = rewrapSecrets(sql, ringOf(NEW, OLD), 2);
  expect((await steps.next()).value).toMatchObject({ rewrapped: 2 });
  await steps.return(undefined);
  expect(await wrappings()).toEqual(['new,new', 'old,old']);
  expect((await rewrap(ringOf(NEW, OLD), 2)).map(({ rewrapped }) => rewrapped)).toEqual([2, 1]);
  expect(await wrappings()).toEqual(['new,new']);
});

it('neither waits for nor overwrites a key that is being rotated; the next pass finds it', async () => {
  const apiKey = await createApiKey(api, store);
  const rotation = dataSource.createQueryRunner();
  await rotation.startTransaction();
  await rotation.query('SELECT FROM api_keys FOR UPDATE');
  expect(await rewrap(ringOf(NEW, OLD))).toEqual([{ rewrapped: 0, contended: 1, unreadable: [] }]);
  await rotation.rollbackTransaction();
  await rotation.release();
  const { secret } = await expectStatus(
    200,
    api.operator.post<ShownApiKey>(`${store}/api-keys/${apiKey.id}/rotate-secret`),
  );
  expect(await rewrap(ringOf(NEW, OLD))).toMatchObject([{ rewrapped: 1, contended: 0 }]);
  expect((await reveal(apiKey)).body).toEqual({ key: apiKey.key, secret });
});

describe('a secret that was tampered with', () => {
  const FLIPPED = `overlay(secret_sealed placing (CASE WHEN substr(secret_sealed, 30, 1) = 'A' THEN 'B' ELSE 'A' END) from 30 for 1)`;
  it.each([
    ['with a flipped bit', `secret_sealed = ${FLIPPED}`],
    ['that was cut', 'secret_sealed = left(secret_sealed, -4)'],
    ['from another column', 'secret_sealed = key_sealed'],
    ['from another row', 'secret_sealed = (SELECT o.secret_sealed FROM api_keys o WHERE o.id <> k.id)'],
    ['under a key id that is not its own', `secret_sealed = replace(secret_sealed, 'v1.old.', 'v1.new.')`],
    ['under a key id that the ring lacks', `secret_sealed = replace(secret_sealed, 'v1.old.', 'v1.lost.')`],
  ])('%s is neither shown, nor let in, nor sealed anew', async (_name, change) => {
    const [apiKey, other] = [await createApiKey(api, store), await createApiKey(api, store)];
    const id = decodeId('apiKey', apiKey.id);
    await api.sql(`UPDATE api_keys k SET ${change}, rotated_at = now() WHERE k.id = $1`, [id]);
    const answer = (await reveal(apiKey)) as unknown as { status: number; body: ShownProblem; text: string };
    expect([answer.status, answer.body.code]).toEqual([500, 'secret_unreadable']);
    expect(answer.text).not.toMatch(/v1\.|whsec_/);
    expect((await api.as(apiKey).get('/api/v1/event-types')).status).toBe(500);
    expect(await rewrap(ringOf(NEW, OLD))).toEqual([{ rewrapped: 1, contended: 0, unreadable: [id] }]);
    expect((await reveal(other)).status).toBe(200);
  });
});

it('keeps a process from starting whose ring has another key by a known id', async () => {
  const settings = { SIGNPOST_ENCRYPTION_KEYS: `${entryOf('old', 9)},${NEW}` };
  await expect(startTestApi({ database: api.database, settings })).rejects.toThrow('has another key "old"');
});

it('seals the secret of the sign-in library anew too, which stays what it is', async () => {
  const secret = await readSignInSecret(sql, ringOf(OLD));
  await rewrapSignInSecret(sql, ringOf(NEW, OLD));
  expect(await readSignInSecret(sql, ringOf(NEW))).toBe(secret);
});

it('needs no data directory as a command to which every setting is given', async () => {
  await createApiKey(api, store);
  const { result, last } = await rekeyWith(`${NEW},${OLD}`);
  expect({ result, last }).toEqual({ result: 0, last: expect.stringMatching(/^Nothing is sealed with: old\./) });
  expect(await wrappings()).toEqual(['new,new']);
});

it('does not have a key taken away that was added, and is yet to seal', async () => {
  const { last } = await rekeyWith(`${OLD},${NEW}`);
  expect(last).toMatch(/^Nothing is sealed with: new\..* move what was just added to the beginning of the ring\.$/);
});
