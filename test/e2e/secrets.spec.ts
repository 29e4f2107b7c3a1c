import { randomBytes } from 'node:crypto';
import { Browser } from '../support/browser';
import { tokenOf } from '../support/people';
import { everythingKept } from '../support/queue-store';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { basic, bearer, TestClient } from '../support/test-client';
import { TestReceiver } from '../support/test-receiver';
import { expectStatus, type NewApiKey, QUEUE_BACKENDS } from '../support/test-system';
import { SignpostProcess } from '../support/signpost-process';
import { totp } from '../support/totp';
import { findFreePort } from '../../apps/cli/src/services/find-free-port';
import { Client } from 'pg';

const OPERATOR_TOKEN = `operator-${randomBytes(16).toString('hex')}`;
const ENCRYPTION_KEY = randomBytes(32).toString('base64');

describe.each(QUEUE_BACKENDS)('secrets, with the queue on %s', (backend) => {
  let database: TestDatabase;
  let processes: SignpostProcess[] = [];

  beforeAll(async () => {
    await SignpostProcess.prepare();
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const { pid } of processes) process.kill(pid, 'SIGTERM');
    await Promise.all(processes.map(({ end }) => end));
    processes = [];
  });
  afterAll(async () => {
    await database.drop();
  });

  it('are in no table, no job and no log line after everything that handles them was done', async () => {
    const port = await findFreePort();
    const redisUrl = backend === 'redis' ? (process.env['TEST_REDIS_URL'] ?? '') : null;
    const env = {
      DATABASE_URL: database.url,
      SIGNPOST_OPERATOR_TOKEN: OPERATOR_TOKEN,
      SIGNPOST_ENCRYPTION_KEYS: `test:${ENCRYPTION_KEY}`,
      SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8',
      SIGNPOST_RETRY_SCHEDULE: '0,200ms',
      SIGNPOST_LOG_LEVEL: 'trace',
      PORT: String(port),
      WORKER_PORT: '0',
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    };
    const api = SignpostProcess.start(['api'], env);
    const worker = SignpostProcess.start(['worker'], env);
    processes = [api, worker];
    await Promise.all([api.says('The API takes requests.'), worker.says('The worker takes jobs.')]);
    const url = `http://127.0.0.1:${port}`;
    const setupToken = tokenOf((await SignpostProcess.run(['setup-link'], env)).stdout.trim());
    const secrets = [...(await handleSecrets(url)), ...(await handlePeoplesSecrets(url, setupToken))];

    const jobs = await everythingKept({
      redis: redisUrl === null ? null : { url: redisUrl, isCluster: false },
      databaseUrl: database.url,
      redisPrefix: 'signpost',
      databaseSchema: 'signpost_queue',
      databasePoolSize: 2,
    });
    const tables = await dumpTables(database.url);
    for (const { pid } of processes) process.kill(pid, 'SIGTERM');
    const ends = await Promise.all(processes.map(({ end }) => end));
    processes = [];
    const logs = ends.map(({ stdout, stderr }) => stdout + stderr).join('\n');

    // The dumps have what they should, so that finding nothing means something.
    expect(tables).toContain('order.create');
    expect(jobs).toContain('sweep');
    expect(logs).toContain('The worker takes jobs.');
    for (const [place, text] of Object.entries({ tables, jobs, logs })) {
      for (const secret of secrets.flatMap(formsOf)) {
        // Not `toContain`: a failure must not print the dump with the secret.
        expect({ place, holdsSecret: text.includes(secret) }).toEqual({ place, holdsSecret: false });
      }
    }
  });
});

/** Everything that an admin, a producer and a receiver do with secrets, refused calls included. @returns all secrets there are */
async function handleSecrets(url: string): Promise<string[]> {
  const receiver = await TestReceiver.start((request, response) => {
    response.writeHead(request.path === '/failing' ? 500 : 200).end('thanks');
  });
  const operator = new TestClient(url, bearer(OPERATOR_TOKEN));
  const store = '/api/v1/stores/shop';
  await expectStatus(201, operator.post('/api/v1/stores', { key: 'shop', name: 'Shop' }));
  const body = { description: 'Order system', permissions: ['orders:write', 'orders:read'], activated: true };
  const apiKey = await expectStatus(201, operator.post<NewApiKey>(`${store}/api-keys`, body));
  for (const path of ['/', '/failing']) {
    await expectStatus(201, operator.post(`${store}/webhooks`, { url: receiver.url + path, events: ['order.create'] }));
  }
  const producer = new TestClient(url, basic(apiKey));
  const event = { type: 'order.create', data: { id: 1 } };
  await expectStatus(202, producer.post(`${store}/events`, event, { headers: { 'idempotency-key': 'one' } }));
  await receiver.received(3);
  await expectStatus(200, operator.post(`${store}/api-keys/${apiKey.id}/reveal`));
  const rotated = await expectStatus(
    200,
    operator.post<{ secret: string }>(`${store}/api-keys/${apiKey.id}/rotate-secret`, { overlapSeconds: 60 }),
  );
  await expectStatus(202, producer.post(`${store}/events`, event));
  await receiver.received(5);
  const verify = { key: apiKey.key, secret: rotated.secret };
  await expectStatus(200, operator.post('/api/v1/keys/verify', verify));
  await expectStatus(400, producer.post(`${store}/events`, `{"type":"${apiKey.secret}","data":{}`));
  await expectStatus(
    401,
    new TestClient(url, basic({ key: apiKey.key, secret: `${apiKey.secret}x` })).get(`${store}/events`),
  );
  await expectStatus(400, operator.post(`${store}/api-keys`, { ...body, secret: apiKey.secret }));
  await receiver.close();
  return [apiKey.key, apiKey.secret, rotated.secret, OPERATOR_TOKEN, ENCRYPTION_KEY];
}

/** Everything that people do with secrets, refused calls included. @returns all secrets there are */
async function handlePeoplesSecrets(url: string, setupToken: string): Promise<string[]> {
  const store = '/api/v1/stores/shop';
  const [password, next] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const first = new Browser(url);
  const newcomer = { token: setupToken, name: 'Olga', email: 'olga@example.com', password };
  await expectStatus(204, first.post('/api/v1/setup', newcomer));
  await expectStatus(410, first.post('/api/v1/setup', newcomer));
  const factor = await expectStatus(
    200,
    first.post<{ secret: string; recoveryCodes: string[] }>('/api/v1/me/second-factor', { password }),
  );
  await expectStatus(204, first.post('/api/v1/me/second-factor/activate', { code: totp(factor.secret) }));
  await expectStatus(204, first.post('/api/v1/me/password', { current: password, next }));

  const second = new Browser(url);
  await expectStatus(401, second.post('/api/v1/session', { email: newcomer.email, password: `${next}x` }));
  await expectStatus(200, second.post('/api/v1/session', { email: newcomer.email, password: next }));
  const step = second.cookieHeader();
  await expectStatus(200, second.post('/api/v1/session/second-factor', { code: factor.recoveryCodes[0] }));

  const invited = { email: 'ina@example.com', role: 'admin' };
  const { link } = await expectStatus(201, second.post<{ link: string }>(`${store}/invitations`, invited));
  await expectStatus(200, new Browser(url).post('/api/v1/invitations/look', { token: tokenOf(link) }));
  const third = new Browser(url);
  await expectStatus(
    204,
    third.post('/api/v1/invitations/accept', { token: tokenOf(link), name: 'Ina', password: next }),
  );
  const portal = await expectStatus(201, third.post<{ url: string }>(`${store}/portal-links`, {}));
  const fourth = new Browser(url);
  await expectStatus(200, fourth.post('/api/v1/portal-sessions', { token: tokenOf(portal.url) }));
  await expectStatus(410, fourth.post('/api/v1/portal-sessions', { token: tokenOf(portal.url) }));

  const cookies = [first, second, third, fourth].map((browser) => browser.cookieHeader());
  const tokens = [step, ...cookies].flatMap(secretsOfCookies);
  expect(tokens.length).toBeGreaterThanOrEqual(cookies.length);
  return [
    password,
    next,
    setupToken,
    tokenOf(link),
    tokenOf(portal.url),
    factor.secret,
    ...factor.recoveryCodes,
    ...tokens,
  ];
}

/** What is secret in a `Cookie` header: the tokens without the library's signature and our mark. */
function secretsOfCookies(header: string): string[] {
  return header.split('; ').map((pair) => {
    const value = decodeURIComponent(pair.slice(pair.indexOf('=') + 1));
    return (value.split('.', 1)[0] ?? '').replace(/^portal_/, '');
  });
}

/** A secret as it could turn up: as it is, its bytes in hexadecimal and base64, within a Basic header, percent-encoded. */
function formsOf(secret: string): string[] {
  const bare = secret.replace(/^whsec_/, '');
  const bytes = Buffer.from(bare, 'base64');
  return [bare, encodeURIComponent(bare), bytes.toString('hex'), Buffer.from(secret).toString('hex')];
}

async function dumpTables(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  await client.end();
  return texts.join('\n');
}
