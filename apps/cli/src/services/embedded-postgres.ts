import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error';
import { errorCode } from './error-code';
import { findFreePort, isPortFree, LOOPBACK } from './find-free-port';
import { initialisePostgres } from './initialise-postgres';
import { isPassing, type LauncherSession, openLauncherSession } from './launcher-session';
import { type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries';
import {
  giveToOwnerOf,
  openPostgresHome,
  type PostgresHome,
  readOrCreatePassword,
  readPostgresState,
  ROOT_BASES,
  writePostgresState,
} from './postgres-home';
import { inspectPostmaster, launchPostmaster, removeStalePid, stopPostmaster } from './postmaster';

export interface EmbeddedPostgresOptions {
  /** Where everything is kept; made when missing. One data directory has at most one server. */
  readonly dataDir: string;
  /** TCP port on 127.0.0.1. 0 or left out: a free one, the same at every start as long as nobody else takes it. */
  readonly port?: number;
  /** Created when missing. Default `signpost`. */
  readonly database?: string;
  /** Server settings by name (`shared_buffers: '256MB'`), over the defaults; applied when this call starts the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives one plain sentence per thing a person may want to know; never the password. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://…`, with the password. */
  readonly url: string;
  /** The postmaster's. */
  readonly pid: number;
  /** True when the server ran already: another launcher uses it, or the one that started it was killed. */
  readonly reused: boolean;
  /** PostgreSQL's own data directory; outside `dataDir` where root had to move it. */
  readonly directory: string;
  /** Shuts the server down (fast) and resolves when its process is gone; leaves it to launchers that still use it. */
  stop(): Promise<void>;
}

interface Start {
  readonly home: PostgresHome;
  readonly password: string;
  readonly options: EmbeddedPostgresOptions;
  readonly log: (line: string) => void;
}

const SUPERUSER = 'signpost';
const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'on',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
};
/** Settings that keep the server reachable from this machine only, and let the next start find it. */
const FIXED_SETTINGS: Readonly<Record<string, string>> = { listen_addresses: LOOPBACK, unix_socket_directories: '' };

const RETRY_MS = 50;
const SESSION_ATTEMPTS = 200;
const PORT_ATTEMPTS = 5;
const ORPHANS_WAIT_MS = 500;
const ORPHANS_ATTEMPTS = 20;
const LOG_LINES_SHOWN = 15;

/**
 * Starts the PostgreSQL that npm installed, or takes over the one that a killed launcher left running on the same data.
 * Data, password and port outlive any number of starts, crashes and kill -9.
 *
 * @throws EmbeddedPostgresError whose message is meant for the person at the terminal.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const home = await openPostgresHome(options.dataDir, log);
  const binaries = await preparePostgresBinaries({
    account: home.account,
    copyBases: home.account === undefined ? [home.dataDir] : ROOT_BASES,
    log,
  });
  const start: Start = { home, password: await readOrCreatePassword(home.dataDir), options, log };
  await initialisePostgres({
    directory: home.directory,
    account: home.account,
    binaries,
    superuser: SUPERUSER,
    password: start.password,
    durable: options.settings?.['fsync'] !== 'off',
    log,
  });
  return runServer(start, binaries);
}

/** Finds the server or starts it, again and again while others start or stop it at the same time. */
async function runServer(start: Start, binaries: PostgresBinaries): Promise<EmbeddedPostgres> {
  const { directory } = start.home;
  let started: ChildProcess | undefined;
  for (let attempt = 0; attempt < SESSION_ATTEMPTS;) {
    const state = await inspectPostmaster(directory);
    if (state.kind === 'ready') {
      attempt += 1;
      const session = await trySession(start, state.port);
      if (session === undefined) {
        await delay(RETRY_MS);
      } else if (isWrongPort(start, session, state.port)) {
        start.log(`PostgreSQL runs on port ${state.port}; restarting it on port ${start.options.port}.`);
        await stopPostmaster(directory, state.pid);
        await session.close();
      } else {
        return await use(start, session, state, started?.pid === state.pid ? started : undefined);
      }
    } else if (state.kind === 'starting' || state.kind === 'stopping') {
      await delay(RETRY_MS);
    } else {
      if (state.kind === 'stale') await removeStalePid(directory);
      started = await launch(start, binaries);
    }
  }
  throw new EmbeddedPostgresError('start_failed', `PostgreSQL runs on ${directory} but refuses connections.`);
}

/** Only a server that nobody uses may be moved to the port that was asked for. */
function isWrongPort({ options }: Start, session: LauncherSession, port: number): boolean {
  return session.alone && options.port !== undefined && options.port !== 0 && options.port !== port;
}

async function trySession({ password, home }: Start, port: number): Promise<LauncherSession | undefined> {
  try {
    return await openLauncherSession({ port, user: SUPERUSER, password });
  } catch (error) {
    if (isPassing(error)) return undefined;
    if (errorCode(error) !== '28P01') throw error;
    throw new EmbeddedPostgresError(
      'password_refused',
      `PostgreSQL on ${home.directory} refuses the password in ${join(home.dataDir, 'postgres-password')}: the file is not the one the data were made with.`,
    );
  }
}

async function use(
  start: Start,
  session: LauncherSession,
  server: { readonly pid: number; readonly port: number },
  child: ChildProcess | undefined,
): Promise<EmbeddedPostgres> {
  const database = start.options.database ?? SUPERUSER;
  try {
    await session.ensureDatabase(database);
  } catch (error) {
    await stop(start, session, child);
    throw error;
  }
  const reused = child === undefined;
  start.log(
    `PostgreSQL ${reused ? 'already runs' : 'is ready'} on ${LOOPBACK}:${server.port} (process ${server.pid}).`,
  );
  let stopped: Promise<void> | undefined;
  return {
    url: `postgres://${SUPERUSER}:${start.password}@${LOOPBACK}:${server.port}/${encodeURIComponent(database)}`,
    pid: server.pid,
    reused,
    directory: start.home.directory,
    stop: () => (stopped ??= stop(start, session, child)),
  };
}

async function stop(start: Start, session: LauncherSession, child: ChildProcess | undefined): Promise<void> {
  try {
    if ((await leave(start, session)) === 'others') {
      start.log('Another Signpost process still uses PostgreSQL: it keeps running.');
      return;
    }
    const state = await inspectPostmaster(start.home.directory);
    if (state.kind === 'stopped' || state.kind === 'stale') return;
    await stopPostmaster(start.home.directory, state.pid, child?.pid === state.pid ? child : undefined);
    start.log('PostgreSQL has stopped.');
  } finally {
    await session.close();
  }
}

/** Ends the use of the server. A lost connection (the server was restarted) is first made anew, so that other users are still noticed. */
async function leave(start: Start, session: LauncherSession): Promise<'last' | 'others'> {
  try {
    return await session.leave();
  } catch {
    const state = await inspectPostmaster(start.home.directory);
    if (state.kind !== 'ready') return 'last';
    const second = await trySession(start, state.port);
    const outcome = second === undefined || second.alone ? 'last' : 'others';
    await second?.close();
    return outcome;
  }
}

/** Returns the server's process, or nothing when another start was faster: then there is a server to find. */
async function launch(start: Start, binaries: PostgresBinaries): Promise<ChildProcess | undefined> {
  const { home, log } = start;
  const logFile = join(home.dataDir, 'postgres.log');
  const state = await readPostgresState(home.dataDir);
  let remembered = state.port;
  let portAttempts = 0;
  for (let orphanAttempts = 0; ;) {
    const port = await choosePort(start, remembered);
    if (port === undefined) return refusePort(start);
    const settings = { ...SETTINGS, ...start.options.settings, ...FIXED_SETTINGS, port: String(port) };
    const { directory, account } = home;
    const outcome = await launchPostmaster({ command: binaries.postgres, directory, account, settings, logFile, log });
    await giveToOwnerOf(home.dataDir, logFile);
    if (outcome.kind === 'ready') {
      if (port !== state.port) await writePostgresState(home.dataDir, { ...state, port });
      return outcome.child;
    }
    if (outcome.output.includes('lock file "postmaster.pid" already exists')) return undefined;
    if (outcome.output.includes('pre-existing shared memory block') && (orphanAttempts += 1) < ORPHANS_ATTEMPTS) {
      // The processes of a killed postmaster outlive it for a moment, and PostgreSQL waits for their end.
      await delay(ORPHANS_WAIT_MS);
    } else if (outcome.output.includes('Address already in use') && (portAttempts += 1) < PORT_ATTEMPTS) {
      remembered = undefined;
    } else {
      const lines = outcome.output.trim().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
      log(`PostgreSQL's log is ${logFile}.`);
      throw new EmbeddedPostgresError('start_failed', `PostgreSQL did not start:\n${lines}`);
    }
  }
}

/** Returns nothing when the port that was asked for is taken or not permitted. */
async function choosePort({ options, log }: Start, remembered: number | undefined): Promise<number | undefined> {
  if (options.port !== undefined && options.port !== 0) {
    return (await isPortFree(options.port)) ? options.port : undefined;
  }
  if (remembered !== undefined) {
    if (await isPortFree(remembered)) return remembered;
    log(`Port ${remembered} of the last start is taken now; PostgreSQL gets another one.`);
  }
  return findFreePort();
}

/** The port may be taken by the very server that another start has just begun; then there is a server to find. */
async function refusePort({ home, options }: Start): Promise<undefined> {
  const { kind } = await inspectPostmaster(home.directory);
  if (kind === 'starting' || kind === 'ready') return undefined;
  throw new EmbeddedPostgresError(
    'port_taken',
    `Port ${options.port} on ${LOOPBACK}, which PostgreSQL was to use, is taken or not permitted.`,
  );
}
