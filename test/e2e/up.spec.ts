import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findFreePort, isPortFree } from '../../apps/cli/src/services/find-free-port';
import { isAlive, markProcess, type ProcessMark } from '../../apps/cli/src/up/process-mark';
import { type ProcessEnd, SignpostProcess } from '../support/signpost-process';
import { basic, bearer, TestClient } from '../support/test-client';

const READY = 'Ctrl-C stops everything.';
const EVENT_ID = /evt_[0-9a-z]{26}/;

/** When a run belongs to root, PostgreSQL's account must be able to pass through. */
async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-up-'));
  await chmod(directory, 0o711);
  return directory;
}

/** The processes that `up` noted, and PostgreSQL's. */
async function startedProcesses(dataDir: string): Promise<ProcessMark[]> {
  const claim = JSON.parse(await readFile(join(dataDir, 'up.json'), 'utf8')) as { services: ProcessMark[] };
  const postgres = await markProcess(
    Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10),
  );
  return [...claim.services, ...(postgres === undefined ? [] : [postgres])];
}

function pidOf(processes: readonly ProcessMark[], name: string): number {
  return processes.find((one) => 'name' in one && one.name === name)!.pid;
}

describe('signpost up', () => {
  let base: string;
  let env: { readonly PORT: string; readonly SIGNPOST_DATA_DIR: string };
  let up: SignpostProcess;
  /** The event of the first run. */
  let eventId: string;

  const start = async (): Promise<SignpostProcess> => {
    const started = SignpostProcess.start(['up'], env);
    await started.says(READY);
    return started;
  };
  const operator = async (): Promise<TestClient> => {
    const token = (await readFile(join(env.SIGNPOST_DATA_DIR, 'operator-token'), 'utf8')).trim();
    return new TestClient(`http://127.0.0.1:${env.PORT}`, bearer(token));
  };
  const eventIsThere = async (): Promise<void> => {
    const event = await (await operator()).get<{ id: string }>(`/api/v1/stores/demo/events/${eventId}`);
    expect(event).toMatchObject({ status: 200, body: { id: eventId, deliveryCounts: { delivered: 1 } } });
  };

  beforeAll(async () => {
    await SignpostProcess.prepare();
    base = await temporaryDirectory();
    env = { PORT: String(await findFreePort()), SIGNPOST_DATA_DIR: join(base, 'data') };
  }, 180_000);

  afterAll(async () => {
    await up.stop('SIGINT');
    await rm(base, { recursive: true, force: true });
  });

  it('delivers one real order on its first start, signed and unchanged', async () => {
    up = await start();
    const { output } = up;
    eventId = EVENT_ID.exec(output)![0];
    const lines = output.split('\n').map((line) => line.trim());
    expect(lines).toContainEqual(
      expect.stringMatching(/^published {2}order\.create from docs\/examples\/order\.json, .* → 202 in/),
    );
    expect(lines).toContain(`received   order.create ${eventId}, signature verified ✓`);
    expect(lines).toContainEqual(expect.stringMatching(/^delivered {2}200 in \d+ ms/));
    expect(lines).toContainEqual(expect.stringMatching(/^unchanged /));
    await eventIsThere();
  });

  it('keeps what it made for itself from others, and prints no operator token', async () => {
    for (const file of ['operator-token', 'encryption-keys', 'demo.json', 'api.log', 'worker.log']) {
      expect((await stat(join(env.SIGNPOST_DATA_DIR, file))).mode & 0o777).toBe(0o600);
    }
    const token = (await readFile(join(env.SIGNPOST_DATA_DIR, 'operator-token'), 'utf8')).trim();
    expect(up.output).not.toContain(token);
  });

  it('prints how to publish the next order', async () => {
    const [, url, key, secret, file] = /curl (\S+) \\\n\s+-u '(spk_\w+):(whsec_[^']+)' \\\n.*--data-binary @(\S+)/.exec(
      up.output,
    )!;
    const client = new TestClient(url!, basic({ key: key!, secret: secret! }));
    const published = await client.post<{ id: string }>('', await readFile(file!, 'utf8'));
    expect(published.status).toBe(202);
    await up.says(`received   order.create ${published.body.id}, signature verified ✓`);
  });

  it('starts a worker that was killed again', async () => {
    process.kill(pidOf(await startedProcesses(env.SIGNPOST_DATA_DIR), 'worker'), 'SIGKILL');
    await up.says('The worker runs again.');
    const published = await SignpostProcess.run(['publish', 'docs/examples/order.json'], env);
    expect(published).toMatchObject({ exitCode: 0, stderr: '' });
    await up.says(`received   order.create ${EVENT_ID.exec(published.stdout)![0]}, signature verified ✓`);
  });

  it('starts PostgreSQL again when it was killed, and what was accepted before and after arrives', async () => {
    const before = await SignpostProcess.run(['publish', 'docs/examples/order.json'], env);
    const postgres = (await startedProcesses(env.SIGNPOST_DATA_DIR)).at(-1)!;
    process.kill(postgres.pid, 'SIGKILL');
    await up.says('PostgreSQL has ended; it is started again.');
    const api = await operator();
    while ((await api.get('/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
    const after = await SignpostProcess.run(['publish', 'docs/examples/order.json'], env);
    for (const { exitCode, stdout } of [before, after]) {
      expect(exitCode).toBe(0);
      await up.says(`received   order.create ${EVENT_ID.exec(stdout)![0]}, signature verified ✓`);
    }
  });

  it('is alone on its data directory', async () => {
    const second = await SignpostProcess.run(['up'], env);
    expect(second).toMatchObject({ exitCode: 1, stdout: '' });
    expect(second.stderr).toBe(
      `Signpost already runs on ${env.SIGNPOST_DATA_DIR} (process ${up.pid}); another SIGNPOST_DATA_DIR makes a second one.\n`,
    );
  });

  it('finds itself well', async () => {
    const doctor = await SignpostProcess.run(['doctor'], env);
    expect(doctor.stdout).not.toContain('✗');
    expect(doctor.stdout).toContain(`✓ PORT ${env.PORT}: Signpost listens there`);
    expect(doctor).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is in the way of another one on the same port, whose doctor says so', async () => {
    const other = { ...env, SIGNPOST_DATA_DIR: join(base, 'other') };
    const doctor = await SignpostProcess.run(['doctor'], other);
    expect(doctor.stdout).toContain(`✗ PORT ${env.PORT} is in use on 127.0.0.1`);
    expect(doctor).toMatchObject({ exitCode: 1, stderr: '' });
  });

  it('has a set-up link that leads to it, also where nobody says its port', async () => {
    const { PORT, ...elsewhere } = env;
    const link = await SignpostProcess.run(['setup-link'], elsewhere);
    expect(link.stdout).toContain(`http://127.0.0.1:${PORT}/setup#token=`);
    expect(link).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('leaves no process and no open port when it is stopped', async () => {
    const processes = await startedProcesses(env.SIGNPOST_DATA_DIR);
    expect(processes).toHaveLength(3);
    const { receiverPort } = JSON.parse(await readFile(join(env.SIGNPOST_DATA_DIR, 'demo.json'), 'utf8'));
    const { port: postgresPort } = JSON.parse(await readFile(join(env.SIGNPOST_DATA_DIR, 'postgres.json'), 'utf8'));

    expect(await up.stop('SIGINT')).toMatchObject({ exitCode: 0, stderr: '' });

    for (const one of processes) expect(await isAlive(one)).toBe(false);
    for (const port of [Number(env.PORT), receiverPort, postgresPort]) expect(await isPortFree(port)).toBe(true);
  });

  it('keeps all data from one start to the next, and shows the demo once', async () => {
    up = await start();
    expect(up.output).not.toContain('published');
    expect(up.output).toContain(`curl http://127.0.0.1:${env.PORT}/api/v1/stores/demo/events`);
    await eventIsThere();
  });

  it('starts again after it was killed, with nothing left of the start before', async () => {
    const before = await startedProcesses(env.SIGNPOST_DATA_DIR);
    await up.stop('SIGKILL');
    up = await start();
    for (const name of ['API', 'worker']) {
      expect(await isAlive(before.find(({ pid }) => pid === pidOf(before, name))!)).toBe(false);
    }
    await eventIsThere();
    const published = await SignpostProcess.run(['publish', 'docs/examples/order.json'], env);
    await up.says(`received   order.create ${EVENT_ID.exec(published.stdout)![0]}, signature verified ✓`);
    expect(await up.stop('SIGTERM')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('signpost up where it cannot start', () => {
  let base: string;

  beforeAll(async () => {
    await SignpostProcess.prepare();
    base = await temporaryDirectory();
  }, 180_000);

  afterAll(() => rm(base, { recursive: true, force: true }));

  const up = (env: Record<string, string>): Promise<ProcessEnd> =>
    SignpostProcess.run(['up'], { PORT: '0', SIGNPOST_DATA_DIR: join(base, 'data'), ...env });

  it.each(['PORT', 'WORKER_PORT'])('says in one line that %s is in use', async (name) => {
    const server: Server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await up({ [name]: String(port) })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: `${name} ${port} is in use on 127.0.0.1: end what listens there, or set ${name} to another port.\n`,
    });
    server.close();
  });

  it.each(['up', 'api', 'worker'])(
    'says of %s that what is named like a setting and is none has no effect',
    async (name) => {
      const env = { SIGNPOST_RETENTION: '3', SIGNPOST_DATA_DIR: join(base, 'data'), PORT: 'http' };
      const { stdout, stderr } = await SignpostProcess.run([name], env);
      expect(`${stdout}${stderr}`).toMatch(/^SIGNPOST_RETENTION has no effect: there is no such setting\.$/m);
    },
  );

  it.each([
    ['PORT', 'http', 'PORT must be a whole number from 0 to 65535.'],
    [
      'SIGNPOST_OPERATOR_TOKEN',
      'short',
      'SIGNPOST_OPERATOR_TOKEN must have at least 16 characters, all of them visible ASCII, without spaces.',
    ],
    ['SIGNPOST_HOST', '192.0.2.1', 'SIGNPOST_HOST 192.0.2.1 is no address of this machine.'],
    ['SIGNPOST_DATA_DIR', '/dev/null/data', 'SIGNPOST_DATA_DIR /dev/null/data cannot be made (ENOTDIR).'],
    [
      'DATABASE_URL',
      'postgres://me:s3cret@127.0.0.1:1/shop',
      'DATABASE_URL: PostgreSQL at 127.0.0.1:1 cannot be reached (ECONNREFUSED).',
    ],
    ['REDIS_URL', 'redis://:s3cret@127.0.0.1:1', 'REDIS_URL: Redis at 127.0.0.1:1 cannot be used (ECONNREFUSED).'],
  ])('says in one line what is wrong with %s', async (name, value, line) => {
    expect(await up({ [name]: value })).toMatchObject({ exitCode: 1, stdout: '', stderr: `${line}\n` });
  });
});

describe('signpost up on servers that are there', () => {
  let base: string;
  let databaseUrl: string;
  const database = `signpost_up_${randomBytes(6).toString('hex')}`;

  const onServer = async (sql: string): Promise<void> => {
    const server = new Client({ connectionString: process.env['TEST_DATABASE_URL'] });
    await server.connect();
    await server.query(sql);
    await server.end();
  };

  beforeAll(async () => {
    await SignpostProcess.prepare();
    base = await temporaryDirectory();
    await onServer(`CREATE DATABASE ${database}`);
    const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    url.pathname = `/${database}`;
    databaseUrl = url.href;
  }, 180_000);

  afterAll(async () => {
    await onServer(`DROP DATABASE ${database} WITH (FORCE)`);
    await rm(base, { recursive: true, force: true });
  });

  it.each([
    ['api', 'The tables of the job queue are missing or old: run `signpost migrate`.'],
    ['worker', 'The tables of the job queue are missing or old: run `signpost migrate`.'],
    ['setup-link', 'The database is not at this version: run `signpost migrate` first.'],
  ])('says of %s in one line that the tables of its database are missing', async (name, line) => {
    const env = {
      PORT: '0',
      WORKER_PORT: '0',
      SIGNPOST_OPERATOR_TOKEN: 'operator-token-of-this-test',
      SIGNPOST_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      DATABASE_URL: databaseUrl,
    };
    expect(await SignpostProcess.run([name], env)).toMatchObject({ exitCode: 1, stdout: '', stderr: `${line}\n` });
  });

  it('uses DATABASE_URL, REDIS_URL and SIGNPOST_OPERATOR_TOKEN, and any free port for PORT 0', async () => {
    const token = 'operator-token-of-this-test';
    const dataDir = join(base, 'data');
    const up = SignpostProcess.start(['up'], {
      PORT: '0',
      SIGNPOST_DATA_DIR: dataDir,
      SIGNPOST_OPERATOR_TOKEN: token,
      DATABASE_URL: databaseUrl,
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
    });
    await up.says(READY);
    expect(up.output).toContain('signature verified ✓');
    expect(up.output).not.toContain('PostgreSQL is ready');
    const url = /^API +(\S+)$/m.exec(up.output)![1]!;
    expect((await new TestClient(url, bearer(token)).get('/api/v1/stores/demo')).status).toBe(200);
    await expect(stat(join(dataDir, 'postgres'))).rejects.toThrow('ENOENT');
    await expect(stat(join(dataDir, 'operator-token'))).rejects.toThrow('ENOENT');
    expect(await up.stop('SIGINT')).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
