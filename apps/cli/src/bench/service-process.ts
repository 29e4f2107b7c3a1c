import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { isReadyMessage } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { appMain } from '../project-paths';

export interface ServiceOptions {
  readonly app: 'api' | 'worker';
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Options of Node.js itself. */
  readonly nodeOptions: readonly string[];
}

/** How long an orderly end may take before it is ended at once. */
const STOP_MS_MAX = 15_000;
const LINES_SHOWN = 8;

/** An API or a worker in a process of its own, as in production. It ends with this process, however that ends. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
    /** Where it listens, without a slash at the end. */
    readonly url: string,
    /** From its start until it was ready. */
    readonly startMs: number,
  ) {}

  /** Resolves when it says that it is ready. @throws SignpostError with what it said when it ended instead */
  static async start({ app, env, logFile, nodeOptions }: ServiceOptions): Promise<ServiceProcess> {
    const startedAtMs = performance.now();
    const log = await open(logFile, 'a', 0o600);
    try {
      const child = spawn(process.execPath, ['--enable-source-maps', ...nodeOptions, appMain(app)], {
        env,
        // In a session of its own, so that Ctrl-C in the terminal reaches this process alone.
        detached: true,
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
      });
      const url = await readyUrl(child);
      if (url !== null) return new ServiceProcess(child, logFile, url, performance.now() - startedAtMs);
      const lines = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-LINES_SHOWN);
      throw new SignpostError('unavailable', [`The ${app} did not start:`, ...lines].join('\n'));
    } finally {
      await log.close();
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends it in an orderly way. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (hasExited(this.child)) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS_MAX);
    await exited;
    clearTimeout(patience);
  }

  /** What it has written to its log. */
  async logLines(): Promise<readonly string[]> {
    const text = await readFile(this.logFile, 'utf8');
    return text.split('\n').filter((line) => line !== '');
  }
}

/** @returns null when it ends before */
function readyUrl(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (isReadyMessage(message)) resolve(message.url);
    });
    child.once('exit', () => resolve(null));
    child.once('error', () => resolve(null));
  });
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
