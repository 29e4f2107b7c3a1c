import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../apps/cli/src/services/embedded-postgres';
import { readOrCreatePassword } from '../../apps/cli/src/services/postgres-home';
import { inspectPostmaster, stopPostmaster } from '../../apps/cli/src/services/postmaster';
import { endWithParent } from '../../apps/cli/src/services/end-with-parent';

type Server = Pick<EmbeddedPostgres, 'url' | 'pid'>;

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  const callOffs: (() => void)[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'signpost-embedded-postgres-'));
    await chmod(dataDir, 0o711);
    callOffs.push(endWithParent({ pids: [], directories: [dataDir] }));
  });

  afterEach(async () => {
    const directory = join(dataDir, 'postgres');
    const state = await inspectPostmaster(directory);
    if (state.kind !== 'stopped' && state.kind !== 'stale') await stopPostmaster(directory, state.pid);
    await rm(dataDir, { recursive: true, force: true });
    for (const callOff of callOffs.splice(0)) callOff();
  });

  /** Servers outlive their launcher by design; those of a test run that is killed must not. */
  function watched<T extends Server>(server: T): T {
    callOffs.push(endWithParent({ pids: [server.pid] }));
    return server;
  }

  async function start(options: Omit<EmbeddedPostgresOptions, 'dataDir'> = {}): Promise<EmbeddedPostgres> {
    return watched(await startEmbeddedPostgres({ dataDir, ...options }));
  }

  /** A launcher in a process and process group of its own. */
  async function startLauncher(): Promise<{ launcher: ChildProcess; server: Server }> {
    const script = resolve(__dirname, '../setup/launch-embedded-postgres.ts');
    const launcher = spawn(process.execPath, ['--require', 'esbuild-register', script, dataDir], {
      cwd: resolve(__dirname, '../..'),
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(launcher.stdout), 'line')) as [string];
    return { launcher, server: watched(JSON.parse(line) as Server) };
  }

  it('creates a UTF-8 database with locale C that syncs to disk and listens on 127.0.0.1 alone', async () => {
    const postgres = await start();

    expect(postgres.reused).toBe(false);
    expect(await query(postgres, 'SELECT current_database() AS name, current_user AS "user"')).toEqual([
      { name: 'signpost', user: 'signpost' },
    ]);
    const settings = await query(
      postgres,
      `SELECT name, setting FROM pg_settings WHERE name IN
       ('fsync', 'listen_addresses', 'max_connections', 'server_encoding', 'unix_socket_directories') ORDER BY name`,
    );
    expect(settings).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'max_connections', setting: '200' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    expect(await query(postgres, 'SELECT datcollate FROM pg_database WHERE datname = current_database()')).toEqual([
      { datcollate: 'C' },
    ]);
    await postgres.stop();
  });

  it('lets nobody in without the password, which only the owner can read', async () => {
    const postgres = await start();
    const password = join(dataDir, 'postgres-password');

    expect((await stat(password)).mode & 0o777).toBe(0o600);
    expect(postgres.url).toContain((await readFile(password, 'utf8')).trim());
    const url = new URL(postgres.url);
    url.password = 'wrong';
    await expect(query({ url: url.href }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await postgres.stop();
  });

  it('says in one line that a data directory takes no password', async () => {
    const cannotBeUsed = {
      code: 'data_directory_unusable',
      message: expect.stringMatching(/^The data directory .* cannot be used/),
    };
    await expect(readOrCreatePassword(join(dataDir, 'none'))).rejects.toMatchObject(cannotBeUsed);
  });

  it('keeps data, password and port across starts', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS value');
    await first.stop();

    const second = await start();

    expect(second.reused).toBe(false);
    expect(second.url).toBe(first.url);
    expect(await query(second, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    await second.stop();
  });

  it('creates another database beside the existing ones when it is asked for', async () => {
    await (await start()).stop();

    const postgres = await start({ database: 'Other "one"', settings: { work_mem: '8MB' } });

    expect(await query(postgres, `SELECT current_database() AS name, current_setting('work_mem') AS memory`)).toEqual([
      { name: 'Other "one"', memory: '8MB' },
    ]);
    await postgres.stop();
  });

  it('leaves no process behind when it is stopped', async () => {
    const postgres = await start();

    await Promise.all([postgres.stop(), postgres.stop()]);

    expect(isAlive(postgres.pid)).toBe(false);
    expect(await inspectPostmaster(postgres.directory)).toEqual({ kind: 'stopped' });
  });

  it('takes over the server that a killed launcher left running, data and all, and stops it', async () => {
    const { launcher, server } = await startLauncher();
    await query(server, 'CREATE TABLE kept AS SELECT 42 AS value');
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    expect(isAlive(server.pid)).toBe(true);

    const postgres = await start();

    expect(postgres).toMatchObject({ reused: true, pid: server.pid, url: server.url });
    expect(await query(postgres, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    await postgres.stop();
    expect(await inspectPostmaster(postgres.directory)).toEqual({ kind: 'stopped' });
  });

  it('moves a server that a killed launcher left running to the port that is asked for', async () => {
    const { launcher, server } = await startLauncher();
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    const port = await withTakenPort((taken) => Promise.resolve(taken));

    const postgres = await start({ port });

    expect(postgres.pid).not.toBe(server.pid);
    expect(new URL(postgres.url).port).toBe(String(port));
    await postgres.stop();
  });

  it('survives the Ctrl-C that ends the process group of its launcher', async () => {
    const { launcher, server } = await startLauncher();
    process.kill(-(launcher.pid ?? 0), 'SIGINT');
    await once(launcher, 'exit');

    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('keeps what was committed when launcher and server are killed together', async () => {
    const { launcher, server } = await startLauncher();
    await query(server, 'CREATE TABLE kept AS SELECT 42 AS value');
    launcher.kill('SIGKILL');
    process.kill(server.pid, 'SIGKILL');
    await once(launcher, 'exit');

    const postgres = await start();

    expect(postgres.pid).not.toBe(server.pid);
    expect(await query(postgres, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    await postgres.stop();
  });

  it('starts in spite of a left-over pid file whose number another process bears now', async () => {
    const first = await start();
    const pidFile = join(first.directory, 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await first.stop();
    await writeFile(pidFile, [process.pid, ...lines.slice(1)].join('\n'));

    const second = await start();

    expect(second.reused).toBe(false);
    await second.stop();
  });

  it('keeps running for the launcher that still uses it', async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ reused: true, pid: first.pid });

    await first.stop();
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    await second.stop();
    expect(isAlive(first.pid)).toBe(false);
  });

  it('gives two first starts at once one and the same server', async () => {
    const [one, other] = await Promise.all([start(), start()]);

    expect(one.url).toBe(other.url);
    expect(one.pid).toBe(other.pid);
    await Promise.all([one.stop(), other.stop()]);
    expect(isAlive(one.pid)).toBe(false);
  });

  it('names the port in one line when the one it was asked to use is taken', async () => {
    await withTakenPort(async (port) => {
      const failure: unknown = await start({ port }).catch((error: unknown) => error);

      expect(failure).toMatchObject({ name: 'EmbeddedPostgresError', code: 'port_taken' });
      expect(String(failure)).toContain(String(port));
      expect(String(failure)).not.toContain('\n');
    });
  });

  it('takes another port, and says so, when the one of the last start is taken', async () => {
    const first = await start();
    await first.stop();
    const port = Number(new URL(first.url).port);
    const lines: string[] = [];

    await withTakenPort(async () => {
      const second = await start({ log: (line) => lines.push(line) });
      expect(new URL(second.url).port).not.toBe(String(port));
      await second.stop();
    }, port);

    expect(lines).toContainEqual(expect.stringContaining(`Port ${port}`));
  });

  it('refuses data of another major version and leaves them as they are', async () => {
    const postgres = await start();
    await postgres.stop();
    await writeFile(join(postgres.directory, 'PG_VERSION'), '13\n');

    await expect(start()).rejects.toMatchObject({
      code: 'version_mismatch',
      message: expect.stringContaining('PostgreSQL 13') as string,
    });
  });

  it('shows what the server said when it does not start', async () => {
    await expect(start({ settings: { no_such_setting: '1' } })).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('no_such_setting') as string,
    });
  });
});

async function query({ url }: Pick<Server, 'url'>, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  // Tests stop servers under open connections.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Holds a port of 127.0.0.1 (a free one by default) while the work is done. */
async function withTakenPort<T>(work: (port: number) => Promise<T>, wanted = 0): Promise<T> {
  const server = createServer().listen({ port: wanted, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  try {
    return await work(address.port);
  } finally {
    server.close();
    await once(server, 'close');
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
