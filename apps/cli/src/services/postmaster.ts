import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { errorCode } from './error-code';
import { runProgram, SERVER_ENVIRONMENT, type ServerAccount } from './run-program';

/** What the `postmaster.pid` of a data directory and the process it names say together. */
export type PostmasterState =
  | { readonly kind: 'stopped' }
  /** The file is left over: its process is gone, or its number belongs to another program now. */
  | { readonly kind: 'stale'; readonly pid: number }
  | { readonly kind: 'starting' | 'ready' | 'stopping'; readonly pid: number; readonly port: number };

export type LaunchOutcome =
  | { readonly kind: 'ready'; readonly pid: number; readonly child: ChildProcess }
  /** The server ended before it was ready; `output` is what it logged meanwhile. */
  | { readonly kind: 'ended'; readonly output: string };

export interface LaunchOptions {
  /** The `postgres` program. */
  readonly command: string;
  readonly directory: string;
  readonly account: ServerAccount | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly log: (line: string) => void;
}

const POLL_MS = 20;
/** After about five seconds the person at the terminal is told what the wait is for. */
const PATIENCE_POLLS = 250;
const FAST_SHUTDOWN_MS = 60_000;
const IMMEDIATE_SHUTDOWN_MS = 10_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Reads the lines of a `postmaster.pid`: 1 pid, 2 directory, 4 port, 8 status (PostgreSQL, src/include/utils/pidfile.h).
 * A file that is still being written counts as `starting`; one without a pid as nothing.
 */
export function parsePostmasterPid(
  text: string,
): { pid: number; port: number; kind: 'starting' | 'ready' | 'stopping' } | undefined {
  const lines = text.split('\n');
  // A standalone backend writes its pid as a negative number.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  const status = (lines[7] ?? '').trim();
  const kind = status === 'ready' || status === 'stopping' ? status : 'starting';
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || 0, kind };
}

/** Says whether a postmaster runs on this data directory. Trusts no pid without a look at its process. */
export async function inspectPostmaster(directory: string): Promise<PostmasterState> {
  let text: string;
  try {
    text = await readFile(join(directory, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { kind: 'stopped' };
    throw error;
  }
  const entry = parsePostmasterPid(text);
  if (entry === undefined) return { kind: 'stopped' };
  return (await isPostmasterOf(entry.pid, directory)) ? entry : { kind: 'stale', pid: entry.pid };
}

/** Removes a left-over pid file. If a new process of the same user had its number, PostgreSQL would not start. */
export async function removeStalePid(directory: string): Promise<void> {
  await rm(join(directory, 'postmaster.pid'), { force: true });
}

/**
 * Starts PostgreSQL in a session of its own: Ctrl-C in the terminal reaches the launcher only, which stops the server last.
 * Waits until it accepts connections, however long a recovery takes, or until it ends.
 *
 * @throws EmbeddedPostgresError `data_directory_unusable` when its log cannot be written
 */
export async function launchPostmaster(options: LaunchOptions): Promise<LaunchOutcome> {
  const logFile = await openLog(options.logFile);
  try {
    const { size } = await logFile.stat();
    const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(options.command, ['-D', options.directory, ...settings], {
      ...options.account,
      cwd: '/',
      env: { ...SERVER_ENVIRONMENT },
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    });
    child.unref();
    const failure = await untilReady(child, options);
    if (failure === undefined && child.pid !== undefined) return { kind: 'ready', pid: child.pid, child };
    return { kind: 'ended', output: `${await readFrom(options.logFile, size)}${failure ?? ''}` };
  } finally {
    await logFile.close();
  }
}

/**
 * Shuts PostgreSQL down and returns when its process is gone. Fast shutdown ends connections and writes a checkpoint; a
 * server that hangs is made to quit after a minute, which loses nothing: the next start recovers from its log.
 *
 * @throws EmbeddedPostgresError `stop_failed`.
 */
export async function stopPostmaster(directory: string, pid: number, child?: ChildProcess): Promise<void> {
  child?.ref();
  const exited = child === undefined || hasExited(child) ? undefined : once(child, 'exit');
  for (const [signal, waitMs] of [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
  ] as const) {
    if (!(await isPostmasterOf(pid, directory))) break;
    sendSignal(pid, signal);
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += POLL_MS) {
      if (!(await isPostmasterOf(pid, directory))) break;
      await delay(POLL_MS);
    }
  }
  if (await isPostmasterOf(pid, directory)) {
    throw new EmbeddedPostgresError('stop_failed', `PostgreSQL (process ${pid}) does not stop.`);
  }
  await exited;
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') {
      throw new EmbeddedPostgresError('stop_failed', `PostgreSQL (process ${pid}) belongs to another user.`, {
        cause: error,
      });
    }
  }
}

/** Returns nothing when the server accepts connections; else why the program could not be started, or '' when it has ended. */
async function untilReady(child: ChildProcess, options: LaunchOptions): Promise<string | undefined> {
  const { directory, log, logFile } = options;
  let spawnFailure: string | undefined;
  child.once('error', (error) => (spawnFailure = error.message));
  for (let polls = 1; spawnFailure === undefined && !hasExited(child); polls += 1) {
    const state = await inspectPostmaster(directory);
    if (state.kind === 'ready' && state.pid === child.pid) return undefined;
    if (polls === PATIENCE_POLLS) log(`PostgreSQL is still starting, maybe recovering after a crash; see ${logFile}.`);
    await delay(POLL_MS);
  }
  return spawnFailure ?? '';
}

/**
 * A pid alone proves nothing: after a restart of the machine or container the number may be anybody's. The process must
 * work in the data directory (PostgreSQL changes into it) or name it on its command line. A zombie has neither.
 */
async function isPostmasterOf(pid: number, directory: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  if (process.platform !== 'linux') {
    const { output } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(pid)]);
    return output.includes(directory);
  }
  const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (workingDirectory === directory) return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(directory);
}

async function openLog(logFile: string): Promise<FileHandle> {
  try {
    await rotateLog(logFile);
    return await open(logFile, 'a', 0o600);
  } catch (cause) {
    const message = `${logFile} cannot be written (${errorCode(cause) ?? String(cause)}).`;
    throw new EmbeddedPostgresError('data_directory_unusable', message, { cause });
  }
}

async function rotateLog(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await rename(logFile, `${logFile}.1`);
}

async function readFrom(file: string, offset: number): Promise<string> {
  return (await readFile(file)).subarray(offset).toString('utf8');
}
