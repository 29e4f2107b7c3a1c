import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { boundHeap, type HeapBounds } from './bound-heap';
import type { Config } from './config';
import { exitWithParent, tellParent } from './exit-with-parent';
import { loadConfig } from './load-config';
import { startFailureLines, type StartSettings } from './start-failure';
import { unknownSettingLines } from './unknown-settings';

/** A started API or worker. */
export interface RunningProcess {
  /** Where it listens, without a slash at its end. */
  readonly url: string;
  /** The set-up link for the first person, of an API that nobody can sign in to yet. */
  readonly setupUrl?: string | null;
  close(): Promise<void>;
}

export interface ProcessOptions extends HeapBounds {
  readonly portSetting: StartSettings['portSetting'];
  readonly start: (config: Config) => Promise<RunningProcess>;
}

/**
 * How long closing may take beyond the grace period: to tell others of the end, and to end connections. It is less than supervisors that
 * know the grace period wait, such as `up`, and less than the half minute that the statements of a database that hangs would take.
 */
const CLOSE_MS_MAX = 4_000;

/**
 * The life of a process: reads the environment, starts, and at SIGTERM or SIGINT, or when the `up` that started it is gone, closes and
 * exits. A signal during the start, or a second signal, ends it at once. A failed start or stop ends it with exit code 1; a mistake that a
 * person can mend is one line on standard error.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const { portSetting, start } = options;
  let settings: StartSettings | null = null;
  let running: RunningProcess | null = null;
  const fail = (error: unknown): void => {
    const lines = startFailureLines(error, settings) ?? [error instanceof Error ? error.stack : String(error)];
    process.stderr.write(`${lines.join('\n')}\n`);
    // Whatever a failed start or stop left open must not keep the process alive: its supervisor waits for the exit before it starts it
    // again.
    process.exit(1);
  };
  boundHeap(options);
  handleSignals(() => running, fail);
  exitWithParent();
  for (const line of unknownSettingLines(process.env)) process.stderr.write(`${line}\n`);
  try {
    const config = loadConfig(process.env);
    const port = portSetting === 'PORT' ? config.http.port : config.http.workerPort;
    settings = { portSetting, port, host: config.http.host, databaseUrl: config.database.url };
    const started = await start(config);
    running = { ...started, close: () => closeWithin(started, config.shutdownGraceMs + CLOSE_MS_MAX) };
    const { url, setupUrl = null } = running;
    const isTold = tellParent({ kind: 'ready', url, setupUrl });
    // `up` shows the link, if it started this process. Otherwise it is printed here.
    if (!isTold && setupUrl !== null)
      process.stderr.write(`Nobody can sign in yet. Set up the dashboard: ${setupUrl}\n`);
  } catch (error) {
    fail(error);
  }
}

/** Closes, or says that it gave up. */
async function closeWithin(started: RunningProcess, closeMsMax: number): Promise<void> {
  const outcome = await Promise.race([started.close(), delay(closeMsMax, 'late' as const)]);
  if (outcome !== 'late') return;
  process.stderr.write(
    `Closing took longer than ${closeMsMax / 1_000} s, perhaps because PostgreSQL or Redis does not answer. Ending without it; ` +
      'what a worker still held goes to another one when its lease lapses.\n',
  );
}

/** The first process of a container ignores a signal for which it has no handler, so that these two need one. */
function handleSignals(running: () => RunningProcess | null, fail: (error: unknown) => void): void {
  let isClosing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const toClose = running();
      // Exits as the signal does by default. A process that is starting has nothing to finish; whoever sends a second signal does not want
      // to wait.
      if (toClose === null || isClosing) process.exit(128 + constants.signals[signal]);
      isClosing = true;
      // By then everything is recorded that can be. The exit ends only what a library keeps open, or a server that hangs leaves unanswered.
      void toClose.close().then(() => process.exit(0), fail);
    });
  }
}
