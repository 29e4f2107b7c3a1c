import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { endWithParent } from './end-with-parent';
import { findFreePort, isPortFree, LOOPBACK } from './find-free-port';
import { findOrFetchRedisServer, type RedisServerProgram } from './find-or-fetch-redis-server';

export interface StartRedisOptions {
  /** This process's environment: the server is looked for on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** Left out: a free one. */
  readonly port?: number;
  /**
   * Makes it a node of a Redis Cluster. Its identity is kept in `dir`. The nodes talk to each other at a port {@link BUS_ABOVE} their own.
   */
  readonly isClusterNode?: boolean;
  /** Keeps an append-only file in `dir`, so that a restart with the same `dir` has the data. Default: nothing is kept. */
  readonly appendOnly?: boolean;
  /** An existing directory; the server's working directory. */
  readonly dir: string;
}

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** `Redis 7.0.15`, or a Valkey. */
  readonly version: string;
  /** Ends the server in an orderly way; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it as a power failure would; resolves when it is gone. Start again with the same port and dir. */
  kill9(): Promise<void>;
}

const run = promisify(execFile);
const PORT_ATTEMPTS = 5;
/** Redis itself adds this to a cluster node's port. */
const BUS_ABOVE = 10_000;
const PORT_MAX = 65_535;

/** Starts a Redis server on 127.0.0.1 that ends with this process, however that ends. Resolves when it accepts connections. */
export async function startRedis(options: StartRedisOptions): Promise<RunningRedis> {
  const program = await findOrFetchRedisServer(options.env);
  const version = await versionOf(program);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findPort(options.isClusterNode));
    const { child, output } = await launch(program, port, options);
    if (output === undefined) return running(child, port, version);
    // Another process may have taken the free port since it was found.
    const retry = options.port === undefined && output.includes('Address already in use') && attempt < PORT_ATTEMPTS;
    if (!retry) throw new Error(`Redis did not start on port ${port}:\n${output}`);
  }
}

async function findPort(isClusterNode = false): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!isClusterNode || (port + BUS_ABOVE <= PORT_MAX && (await isPortFree(port + BUS_ABOVE)))) return port;
  }
}

/** It says `Redis server v=7.0.15 sha=…`. */
async function versionOf({ command, env }: RedisServerProgram): Promise<string> {
  const { stdout } = await run(command, ['--version'], { env });
  const [, name = 'Redis', version = ''] = /^(\w+) server v=(\S+)/.exec(stdout) ?? [];
  return `${name} ${version}`;
}

/** `output` is set when the server ended instead of accepting connections. */
async function launch(
  { command, env }: RedisServerProgram,
  port: number,
  { appendOnly = false, isClusterNode = false, dir }: StartRedisOptions,
): Promise<{ child: ChildProcess; output: string | undefined }> {
  const settings = {
    port: String(port),
    bind: LOOPBACK,
    dir,
    save: '',
    appendonly: appendOnly ? 'yes' : 'no',
    'cluster-enabled': isClusterNode ? 'yes' : 'no',
    daemonize: 'no',
    logfile: '',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ready = new Promise<boolean>((resolve) => {
    const read = (text: string) => {
      output += text;
      if (output.includes('Ready to accept connections')) resolve(true);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', (error) => (read(error.message), resolve(false)));
    child.once('close', () => resolve(false));
  });
  return { child, output: (await ready) ? undefined : output };
}

function running(child: ChildProcess, port: number, version: string): RunningRedis {
  const { pid } = child;
  if (pid === undefined) throw new Error('Redis has no process id.');
  const callOff = endWithParent({ pids: [pid] });
  // Later logs are read and dropped: a full pipe would stop the server.
  child.stdout?.removeAllListeners('data').resume();
  child.stderr?.removeAllListeners('data').resume();
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    callOff();
  };
  return {
    url: `redis://${LOOPBACK}:${port}`,
    port,
    pid,
    version,
    stop: () => end('SIGTERM'),
    kill9: () => end('SIGKILL'),
  };
}
