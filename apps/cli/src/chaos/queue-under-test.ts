import { once } from 'node:events';
import { connect } from 'node:net';
import { QUEUE_SCHEMA } from '@signpost/queue';
import { LOOPBACK } from '../services/find-free-port';
import { type RunningRedis, startRedis } from '../services/redis-server';
import type { ChaosPostgres } from './chaos-postgres';

export const CHAOS_BACKENDS = ['redis', 'postgres'] as const;
export type ChaosBackend = (typeof CHAOS_BACKENDS)[number];

/** A queue, and what a fault can do to it. */
export interface QueueUnderTest {
  /** Null: the jobs live in PostgreSQL. */
  readonly redisUrl: string | null;
  /** Loses every job and every schedule. */
  empty(): Promise<void>;
  /**
   * Keeps everybody from changing the queue until the returned function is called. The waiting change of a process that has died meanwhile
   * is not made.
   */
  hold(): Promise<() => Promise<void>>;
}

const HOLD_MS_MAX = 20_000;
const RELOAD_MS = 300;

/** Jobs in a Redis that keeps nothing on disk: when it is killed it comes back empty. */
export class RedisUnderTest implements QueueUnderTest {
  private constructor(
    private server: RunningRedis,
    private readonly dir: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async start(dir: string, env: NodeJS.ProcessEnv): Promise<RedisUnderTest> {
    return new RedisUnderTest(await startRedis({ dir, env }), dir, env);
  }

  get redisUrl(): string {
    return this.server.url;
  }

  get version(): string {
    return this.server.version;
  }

  async empty(): Promise<void> {
    await this.command('FLUSHALL');
  }

  async hold(): Promise<() => Promise<void>> {
    await this.command(`CLIENT PAUSE ${HOLD_MS_MAX} WRITE`);
    return () => this.command('CLIENT UNPAUSE');
  }

  /** Ends it as a power failure would. */
  strikeDown(): Promise<void> {
    return this.server.kill9();
  }

  /** Freezes it: connections stay open, but nothing is answered. */
  freeze(): void {
    process.kill(this.server.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.server.pid, 'SIGCONT');
  }

  async restart(): Promise<void> {
    this.server = await startRedis({ dir: this.dir, env: this.env, port: this.server.port });
  }

  close(): Promise<void> {
    return this.server.stop();
  }

  /** Redis takes commands as plain lines too. */
  private async command(line: string): Promise<void> {
    const socket = connect(this.server.port, LOOPBACK);
    socket.write(`${line}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    if (!answer.toString().startsWith('+OK'))
      throw new Error(`Redis answered ${line} with ${answer.toString().trim()}.`);
  }
}

/** Jobs in PostgreSQL. */
export class PostgresQueueUnderTest implements QueueUnderTest {
  readonly redisUrl = null;

  constructor(private readonly postgres: ChaosPostgres) {}

  async empty(): Promise<void> {
    await this.postgres.query(`TRUNCATE ${QUEUE_SCHEMA}.job, ${QUEUE_SCHEMA}.scheduler CASCADE`);
  }

  hold(): Promise<() => Promise<void>> {
    return new Promise((resolveHeld, rejectHeld) => {
      this.holdUntil((release) => resolveHeld(release)).catch(rejectHeld);
    });
  }

  /**
   * Locks the table of jobs. PostgreSQL is set to look whether clients are still there: otherwise a statement that waits for the lock would
   * run although its client has died.
   */
  private async holdUntil(held: (release: () => Promise<void>) => void): Promise<void> {
    await this.lookAfterClients(true);
    await this.postgres.withClient(async (client) => {
      await client.query(`BEGIN; LOCK TABLE ${QUEUE_SCHEMA}.job IN EXCLUSIVE MODE`);
      await new Promise<void>((resolve) =>
        held(async () => {
          await client.query('COMMIT');
          await this.lookAfterClients(false);
          resolve();
        }),
      );
    });
  }

  private async lookAfterClients(wanted: boolean): Promise<void> {
    const setting = 'client_connection_check_interval';
    await this.postgres.query(wanted ? `ALTER SYSTEM SET ${setting} = '100ms'` : `ALTER SYSTEM RESET ${setting}`);
    await this.postgres.query('SELECT pg_reload_conf()');
    // PostgreSQL's processes learn of the setting one after the other, and heed it from their next statement on.
    if (wanted) await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
  }
}
