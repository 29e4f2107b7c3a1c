import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../services/embedded-postgres';
import { endWithParent } from '../services/end-with-parent';
import { errorCode } from '../services/error-code';

const run = promisify(execFile);
/** How long to wait for a connection: the machine may be busy with other work. */
const CONNECT_MS_MAX = 30_000;
const POLL_MS = 10;

/** A PostgreSQL that can be ended hard and started again on the same data and port. It ends with this process. */
export class ChaosPostgres {
  private constructor(
    private readonly dataDir: string,
    private server: EmbeddedPostgres,
    private callOffWatch: () => void,
  ) {}

  static async start(dataDir: string): Promise<ChaosPostgres> {
    const server = await startEmbeddedPostgres({ dataDir });
    return new ChaosPostgres(dataDir, server, watch(server, dataDir));
  }

  get url(): string {
    return this.server.url;
  }

  /**
   * Ends it without an orderly shutdown; the next start has to recover. Resolves when the postmaster is gone.
   *
   * @param signal - SIGQUIT is PostgreSQL's immediate shutdown; SIGKILL leaves its processes without their parent
   */
  async strikeDown(signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    process.kill(this.server.pid, signal);
    while (isAlive(this.server.pid)) await delay(POLL_MS);
  }

  /** Freezes all its processes: connections stay open, but nothing is answered. */
  async freeze(): Promise<void> {
    // The postmaster first, so that it starts no more processes.
    process.kill(this.server.pid, 'SIGSTOP');
    for (const pid of await childrenOf(this.server.pid)) signal(pid, 'SIGSTOP');
  }

  async resume(): Promise<void> {
    for (const pid of await childrenOf(this.server.pid)) signal(pid, 'SIGCONT');
    process.kill(this.server.pid, 'SIGCONT');
  }

  /** Starts it again. Resolves when it takes connections. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.server.url).port);
    const callOffBefore = this.callOffWatch;
    this.server = await startEmbeddedPostgres({ dataDir: this.dataDir, port });
    this.callOffWatch = watch(this.server, this.dataDir);
    callOffBefore();
  }

  /** Runs one statement on a new connection, because one that was open before an outage may be broken. */
  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.withClient(async (client) => (await client.query<Row>(text, [...values])).rows);
  }

  /** @throws the driver's error when it is away */
  async withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: this.server.url,
      application_name: 'signpost-chaos',
      connectionTimeoutMillis: CONNECT_MS_MAX,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Ends it and removes its data. */
  async close(): Promise<void> {
    await this.server.stop();
    // When this process runs as root, PostgreSQL's own directory may lie elsewhere.
    await rm(this.server.directory, { recursive: true, force: true });
    this.callOffWatch();
  }
}

function watch(server: EmbeddedPostgres, dataDir: string): () => void {
  return endWithParent({ pids: [server.pid], directories: [dataDir, server.directory] });
}

async function childrenOf(parent: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  return [...stdout.matchAll(/(\d+) +(\d+)/g)].flatMap(([, pid, ppid]) =>
    Number(ppid) === parent ? [Number(pid)] : [],
  );
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
