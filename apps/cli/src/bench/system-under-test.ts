import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS, type SettingName } from '@signpost/config';
import { Client } from 'pg';
import { migrate } from '../local/open-database';
import { OperatorApi } from '../operator-api';
import { startEmbeddedPostgres } from '../services/embedded-postgres';
import { endWithParent } from '../services/end-with-parent';
import { type RunningRedis, startRedis } from '../services/redis-server';
import { SignpostProcess } from '../services/signpost-process';
import { postgresQueueSize, type QueueSize, redisQueueSize } from './queue-size';
import { countStatements, STATISTICS_SETTINGS, writeStatementStatistics } from './statement-statistics';

export const BENCH_BACKENDS = ['redis', 'postgres'] as const;
export type BenchBackend = (typeof BENCH_BACKENDS)[number];

export interface SystemOptions {
  readonly backend: BenchBackend;
  /** The environment of this process. Settings of Signpost in it are left out, so that the figures are those of the defaults. */
  readonly env: NodeJS.ProcessEnv;
  /** Where profiles are written at the end: CPU profiles of API and worker, and PostgreSQL's statistics of statements; null: nowhere. */
  readonly profileDirectory: string | null;
  /** Aborted: nothing more is started. */
  readonly stop: AbortSignal;
}

/** Settings that differ from the defaults: webhooks may point to the sink, ports are free ones, and only warnings and errors are logged. */
const BENCH_SETTINGS: Partial<Record<SettingName, string>> = {
  SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8',
  SIGNPOST_LOG_LEVEL: 'warn',
  PORT: '0',
  WORKER_PORT: '0',
};

interface Parts {
  readonly api: SignpostProcess;
  readonly worker: SignpostProcess;
  /** With the password. */
  readonly databaseUrl: string;
  /** A connection for looking at the database, in addition to those of the system. */
  readonly sql: Client;
  readonly operator: OperatorApi;
  readonly redis: RunningRedis | null;
  readonly postgresPid: number;
  /** `PostgreSQL 18.4`, `Redis 7.0.15` */
  readonly versions: readonly string[];
}

/** Collects what was started, to end it in the opposite order. */
class Closers {
  private readonly closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.closers.push(close);
  }

  /** Calls all of them even when one fails, and fails in the end. */
  async closeAll(): Promise<void> {
    const faults: unknown[] = [];
    for (const close of this.closers.splice(0).reverse()) {
      await close().catch((error: unknown) => faults.push(error));
    }
    if (faults.length > 0) throw faults[0];
  }
}

/**
 * The whole system on this machine, each part in processes of its own as in production: PostgreSQL (fsync on), Redis (append-only
 * file, flushed every second) when it is the queue, one API, one worker. Its data are new, and gone in the end.
 */
export class SystemUnderTest {
  private constructor(
    private readonly parts: Parts,
    private readonly closers: Closers,
  ) {}

  /** @throws whatever keeps a part from starting; those that were started have ended then */
  static async start(options: SystemOptions): Promise<SystemUnderTest> {
    const closers = new Closers();
    try {
      return new SystemUnderTest(await startParts(options, closers), closers);
    } catch (error) {
      await closers.closeAll();
      throw error;
    }
  }

  get apiUrl(): string {
    return this.parts.api.url;
  }

  get operator(): OperatorApi {
    return this.parts.operator;
  }

  get sql(): Client {
    return this.parts.sql;
  }

  get databaseUrl(): string {
    return this.parts.databaseUrl;
  }

  get versions(): readonly string[] {
    return this.parts.versions;
  }

  /** The process of each part. */
  get pids(): Readonly<Record<string, number>> {
    const { api, worker, postgresPid, redis } = this.parts;
    return {
      API: api.pid,
      worker: worker.pid,
      PostgreSQL: postgresPid,
      ...(redis === null ? {} : { Redis: redis.pid }),
    };
  }

  /** How long each took from its start until it was ready. */
  get startMs(): { readonly API: number; readonly worker: number } {
    return { API: this.parts.api.startMs, worker: this.parts.worker.startMs };
  }

  /** What the queue holds now. */
  queueSize(): Promise<QueueSize> {
    const { redis, sql } = this.parts;
    return redis === null ? postgresQueueSize(sql) : redisQueueSize(redis.port);
  }

  /** Warnings and errors that API and worker have logged. */
  async complaints(): Promise<readonly string[]> {
    return [...(await this.parts.api.logLines()), ...(await this.parts.worker.logLines())];
  }

  /** Ends everything and removes its data. */
  close(): Promise<void> {
    return this.closers.closeAll();
  }
}

async function startParts({ backend, env, profileDirectory, stop }: SystemOptions, closers: Closers): Promise<Parts> {
  const directory = await temporaryDirectory(closers);
  const { databaseUrl, postgresPid } = await startPostgres(directory, profileDirectory !== null, closers);
  stop.throwIfAborted();
  const redis = backend === 'redis' ? await startRedis({ dir: directory, env, appendOnly: true }) : null;
  if (redis !== null) closers.add(() => redis.stop());
  await migrate(databaseUrl);
  const operatorToken = randomBytes(24).toString('base64url');
  const settings: Partial<Record<SettingName, string>> = {
    ...BENCH_SETTINGS,
    DATABASE_URL: databaseUrl,
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
    SIGNPOST_OPERATOR_TOKEN: operatorToken,
    SIGNPOST_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    SIGNPOST_DATA_DIR: directory,
  };
  const startService = async (app: 'api' | 'worker'): Promise<SignpostProcess> => {
    stop.throwIfAborted();
    const logFile = join(directory, `${app}.log`);
    const nodeOptions = profileDirectory === null ? [] : profileOptions(profileDirectory, `${backend}-${app}`);
    const service = await SignpostProcess.start({
      app,
      env: { ...withoutSettings(env), ...settings },
      logFile,
      nodeOptions,
    });
    closers.add(() => service.stop());
    return service;
  };
  const api = await startService('api');
  const worker = await startService('worker');
  const sql = new Client({ connectionString: databaseUrl, application_name: 'signpost-bench' });
  await sql.connect();
  closers.add(() => sql.end());
  if (profileDirectory !== null) {
    await countStatements(sql);
    closers.add(() => writeStatementStatistics(sql, join(profileDirectory, `${backend}-statements.tsv`)));
  }
  const versions = [await postgresVersion(sql), ...(redis === null ? [] : [redis.version])];
  const operator = new OperatorApi(api.url, operatorToken);
  return { api, worker, databaseUrl, sql, operator, redis, postgresPid, versions };
}

async function startPostgres(
  dataDir: string,
  isProfiled: boolean,
  closers: Closers,
): Promise<{ databaseUrl: string; postgresPid: number }> {
  const postgres = await startEmbeddedPostgres({ dataDir, settings: isProfiled ? STATISTICS_SETTINGS : {} });
  // When this process runs as root, PostgreSQL's own directory may lie elsewhere.
  closers.add(() => rm(postgres.directory, { recursive: true, force: true }));
  const callOff = endWithParent({ pids: [postgres.pid], directories: [dataDir, postgres.directory] });
  closers.add(async () => callOff());
  closers.add(() => postgres.stop());
  return { databaseUrl: postgres.url, postgresPid: postgres.pid };
}

async function temporaryDirectory(closers: Closers): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-bench-'));
  closers.add(() => rm(directory, { recursive: true, force: true }));
  // When this process runs as root, PostgreSQL's account must be able to pass through the directory.
  await chmod(directory, 0o711);
  return directory;
}

async function postgresVersion(sql: Client): Promise<string> {
  const { rows } = await sql.query<{ version: string }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version`,
  );
  return `PostgreSQL ${rows[0]?.version ?? ''}`;
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set<string>(SETTINGS.map(({ name }) => name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)));
}

function profileOptions(directory: string, name: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}.cpuprofile`];
}
