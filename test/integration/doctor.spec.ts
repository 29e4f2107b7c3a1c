import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { shareSessions } from '../../apps/cli/src/doctor/check-sessions';
import { runCommand } from '../../apps/cli/src/run-command';
import { startEmbeddedPostgres } from '../../apps/cli/src/services/embedded-postgres';
import { TEST_SETTINGS } from '../support/test-api';
import { TestReceiver } from '../support/test-receiver';
import { TestSystem } from '../support/test-system';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command printed, and its exit code. */
async function run(command: string, env: Environment) {
  const [said, complaints]: [string[], string[]] = [[], []];
  const exitCode = await runCommand([command], {
    env,
    directory: process.cwd(),
    say: (line) => void said.push(line),
    complain: (line) => void complaints.push(line),
  });
  return { exitCode, said, complaints };
}

async function doctor(env: Environment) {
  const { exitCode, said: findings, complaints } = await run('doctor', env);
  return { exitCode, complaints, findings, wrong: findings.filter((line) => line.startsWith('✗')) };
}

describe('the doctor', () => {
  let system: TestSystem;
  let env: Environment;

  beforeAll(async () => {
    system = await TestSystem.start('postgres');
    env = { ...TEST_SETTINGS, DATABASE_URL: system.api.database.url };
  });
  afterAll(() => system.stop());

  it('finds nothing wrong where everything works', async () => {
    const { exitCode, findings, wrong } = await doctor(env);
    expect({ exitCode, wrong }).toEqual({ exitCode: 0, wrong: [] });
    expect(findings).toContain('✓ Workers: 1 at work');
    expect(findings).toContain('✓ Key ring: opens what is stored');
  });

  it('finds, as `migrate` does, that a newer version has migrated the tables', async () => {
    await system.api.sql(`INSERT INTO signpost_migrations (timestamp, name) VALUES (9e12, 'Newer9000000000000')`);
    const migrated = await run('migrate', env);
    const { exitCode, wrong } = await doctor(env);
    await system.api.sql(`DELETE FROM signpost_migrations WHERE name = 'Newer9000000000000'`);
    expect(migrated.said).toEqual([expect.stringContaining('The database is at a newer version (0 migrations ran')]);
    expect({ exitCode, wrong }).toEqual({ exitCode: 1, wrong: ['✗ Tables: at a newer version than this one'] });
  });

  it('finds what is named like a setting and is none', async () => {
    expect(await doctor({ ...env, SIGNPOST_RETENTION: '3' })).toMatchObject({
      exitCode: 1,
      wrong: ['✗ Settings: SIGNPOST_RETENTION has no effect: there is no such setting.'],
    });
  });

  it('finds a key ring that does not open what is stored, and leaves no trace of it', async () => {
    await system.createStore('sealed');
    await system.createApiKey('sealed');
    const other = { ...env, SIGNPOST_ENCRYPTION_KEYS: `other:${Buffer.alloc(32, 9).toString('base64')}` };
    expect(await doctor(other)).toMatchObject({
      exitCode: 1,
      wrong: ['✗ Key ring: The key ring lacks the key "test", with which stored secrets are sealed.'],
    });
    expect(await system.api.sql(`SELECT key_id FROM key_ring_canaries WHERE key_id = 'other'`)).toEqual([]);
  });

  it('tells connections that share a session, as a pooler in transaction mode lets them, from those that have their own', async () => {
    const clients = [1, 2].map(() => new Client({ connectionString: env['DATABASE_URL'] }));
    await Promise.all(clients.map((client) => client.connect()));
    const [one, other] = clients;
    expect([await shareSessions(one!, other!), await shareSessions(one!, one!)]).toEqual([false, true]);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('goes on to the end where PostgreSQL lets in one connection at a time', async () => {
    const url = new URL(system.api.database.url);
    [url.username, url.password] = [`narrow_${process.pid}`, 'narrow'];
    await system.api.sql(`CREATE ROLE ${url.username} LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1`);
    const { findings, wrong } = await doctor({ ...env, DATABASE_URL: url.href });
    await system.api.sql(`DROP ROLE ${url.username}`);
    expect(wrong).toEqual([expect.stringMatching(/^✗ Database: DATABASE_URL: .* takes no connections now: too many/)]);
    expect(findings.at(-1)).toMatch(/^✓ Disk: /);
  });

  it('finds that no worker is at work while something waits for one', async () => {
    const receiver = await TestReceiver.start();
    await system.createStore('shop');
    const apiKey = await system.createApiKey('shop');
    await system.createWebhook('shop', receiver.url);
    await system.stopWorker();
    expect((await doctor(env)).findings).toContain('✓ Workers: none is at work, and nothing waits for one');

    await system.publish(system.api.as(apiKey), 'shop', '{}');
    expect(await doctor(env)).toMatchObject({
      exitCode: 1,
      wrong: ['✗ Workers: none is at work, and events or deliveries wait for one'],
    });
    await receiver.close();
  });

  it('goes on to the end where the data directory cannot be written', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'signpost-doctor-'));
    // When a run belongs to root, PostgreSQL's account must be able to pass through.
    await chmod(dataDir, 0o711);
    await (await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } })).stop();
    // No user can open a directory for writing, not even root.
    await rm(join(dataDir, 'postgres.log'));
    await mkdir(join(dataDir, 'postgres.log'));
    const { exitCode, complaints, findings, wrong } = await doctor({ SIGNPOST_DATA_DIR: dataDir, PORT: '0' });
    expect({ exitCode, complaints }).toEqual({ exitCode: 1, complaints: [] });
    expect(wrong).toEqual([`✗ Database: ${join(dataDir, 'postgres.log')} cannot be written (EISDIR).`]);
    expect(findings.at(-1)).toMatch(/^✓ Disk: /);
    await rm(dataDir, { recursive: true, force: true });
  });

  it('goes on to the end where the data directory is a file', async () => {
    const { exitCode, complaints, findings, wrong } = await doctor({ SIGNPOST_DATA_DIR: __filename, PORT: '0' });
    expect({ exitCode, complaints }).toEqual({ exitCode: 1, complaints: [] });
    expect(wrong).toEqual([expect.stringContaining(`The data directory ${__filename} cannot be used (ENOTDIR)`)]);
    expect(findings.at(-1)).toMatch(/^✓ Disk: /);
  });
});
