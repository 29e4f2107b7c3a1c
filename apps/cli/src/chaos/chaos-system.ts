import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS, type SettingName } from '@signpost/config';
import { assertNever } from '@signpost/domain';
import { migrate } from '../local/open-database';
import { OperatorApi } from '../operator-api';
import { Closers } from '../services/closers';
import { SignpostProcess } from '../services/signpost-process';
import { ChaosPostgres } from './chaos-postgres';
import { type ChaosBackend, PostgresQueueUnderTest, type QueueUnderTest, RedisUnderTest } from './queue-under-test';

export interface ChaosSystemOptions {
  readonly backend: ChaosBackend;
  /** The environment of this process; settings of Signpost in it are left out. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the logs of API and workers are kept; null: nowhere. */
  readonly logDirectory: string | null;
  /** Aborted: nothing more is started. */
  readonly stop: AbortSignal;
}

/**
 * Leases and sweeps have their defaults, so that recovery is measured as it is in production. Retries come sooner, and there are so many
 * that no outage uses them up. The timeout of an attempt is long, because on a busy machine the receiver itself may be late.
 */
const CHAOS_SETTINGS: Partial<Record<SettingName, string>> = {
  SIGNPOST_EGRESS_ALLOW: '127.0.0.0/8',
  SIGNPOST_ATTEMPT_TIMEOUT: '60s',
  SIGNPOST_RETRY_SCHEDULE: '0,2s,2s,2s,5s,5s,5s,5s,10s,10s,10s,10s,10s,10s,10s,10s',
  SIGNPOST_LOG_LEVEL: 'warn',
  WORKER_PORT: '0',
};

interface Parts {
  readonly postgres: ChaosPostgres;
  readonly queue: QueueUnderTest;
  readonly operatorToken: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logDirectory: string;
  readonly closers: Closers;
  readonly stop: AbortSignal;
}

/** The whole system on this machine, each part in processes of its own that can be killed, frozen and started again. */
export class ChaosSystem {
  /** All processes that were started, also those that have ended. */
  private readonly started: SignpostProcess[] = [];

  private constructor(
    private readonly parts: Parts,
    private currentApi: SignpostProcess,
  ) {
    this.started.push(currentApi);
  }

  /** Starts everything except a worker. @throws whatever keeps a part from starting; the parts that were started have ended then */
  static async start(options: ChaosSystemOptions): Promise<ChaosSystem> {
    const closers = new Closers();
    try {
      const parts = await startParts(options, closers);
      return new ChaosSystem(parts, await launch(parts, 'api', '0'));
    } catch (error) {
      await closers.closeAll();
      throw error;
    }
  }

  get postgres(): ChaosPostgres {
    return this.parts.postgres;
  }

  get queue(): QueueUnderTest {
    return this.parts.queue;
  }

  get api(): SignpostProcess {
    return this.currentApi;
  }

  get operator(): OperatorApi {
    return new OperatorApi(this.currentApi.url, this.parts.operatorToken);
  }

  /** Processes of API and workers that run now. */
  get running(): readonly SignpostProcess[] {
    return this.started.filter(({ hasEnded }) => !hasEnded);
  }

  /** Processes that ended without being asked to, in plain sentences. Each is reported once. */
  takeEnds(): readonly string[] {
    const ended = this.started.filter(({ hasEnded }) => hasEnded);
    for (const process of ended) this.started.splice(this.started.indexOf(process), 1);
    return ended.flatMap(({ app, pid, unwantedEnd }) =>
      unwantedEnd === null ? [] : [`The ${app} (process ${pid}) ended by itself: ${unwantedEnd}.`],
    );
  }

  get workers(): readonly SignpostProcess[] {
    return this.running.filter(({ app }) => app === 'worker');
  }

  /** Stops all workers but one; starts one where there is none. */
  async keepOneWorker(): Promise<void> {
    const [kept, ...others] = this.workers;
    if (kept === undefined) await this.startWorker();
    for (const worker of others) await worker.stop();
  }

  /** Starts the API again on its port, after it has ended. */
  async restartApi(): Promise<void> {
    this.currentApi = await launch(this.parts, 'api', new URL(this.currentApi.url).port);
    this.started.push(this.currentApi);
  }

  async startWorker(): Promise<SignpostProcess> {
    const worker = await launch(this.parts, 'worker', null);
    this.started.push(worker);
    return worker;
  }

  /** Ends everything and removes its data. */
  close(): Promise<void> {
    return this.parts.closers.closeAll();
  }
}

async function launch(parts: Parts, app: 'api' | 'worker', port: string | null): Promise<SignpostProcess> {
  const { env, logDirectory, closers, stop } = parts;
  stop.throwIfAborted();
  const process = await SignpostProcess.start({
    app,
    env: port === null ? env : { ...env, PORT: port },
    logFile: join(logDirectory, `${app}.log`),
  });
  // The work of the process no longer matters.
  closers.add(() => process.kill9());
  return process;
}

async function startParts(options: ChaosSystemOptions, closers: Closers): Promise<Parts> {
  const { backend, stop } = options;
  const directory = await temporaryDirectory(closers);
  const postgres = await ChaosPostgres.start(directory);
  closers.add(() => postgres.close());
  stop.throwIfAborted();
  const queue = await startQueue(backend, directory, options.env, postgres, closers);
  await migrate(postgres.url);
  const operatorToken = randomBytes(24).toString('base64url');
  const settings: Partial<Record<SettingName, string>> = {
    ...CHAOS_SETTINGS,
    DATABASE_URL: postgres.url,
    ...(queue.redisUrl === null ? {} : { REDIS_URL: queue.redisUrl }),
    SIGNPOST_OPERATOR_TOKEN: operatorToken,
    SIGNPOST_ENCRYPTION_KEYS: `chaos:${randomBytes(32).toString('base64')}`,
    SIGNPOST_DATA_DIR: directory,
  };
  const env = { ...withoutSettings(options.env), ...settings };
  return { postgres, queue, operatorToken, env, logDirectory: options.logDirectory ?? directory, closers, stop };
}

async function startQueue(
  backend: ChaosBackend,
  directory: string,
  env: NodeJS.ProcessEnv,
  postgres: ChaosPostgres,
  closers: Closers,
): Promise<QueueUnderTest> {
  switch (backend) {
    case 'postgres':
      return new PostgresQueueUnderTest(postgres);
    case 'redis': {
      const redis = await RedisUnderTest.start(directory, env);
      closers.add(() => redis.close());
      return redis;
    }
    default:
      return assertNever(backend);
  }
}

async function temporaryDirectory(closers: Closers): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-chaos-'));
  closers.add(() => rm(directory, { recursive: true, force: true }));
  // When this process runs as root, PostgreSQL's account must be able to pass through the directory.
  await chmod(directory, 0o711);
  return directory;
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = new Set<string>(SETTINGS.map(({ name }) => name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)));
}
