import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { isReadyMessage } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { appMain } from '../project-paths';
import { endWithParent } from './end-with-parent';
import { spawnService } from './spawn-service';

export interface SignpostProcessOptions {
  readonly app: 'api' | 'worker';
  readonly env: NodeJS.ProcessEnv;
  /** What it logs and prints is added there. */
  readonly logFile: string;
  /** Options of Node.js itself. */
  readonly nodeOptions?: readonly string[];
}

/** How long an orderly end may take before the process is killed. */
const STOP_MS_MAX = 30_000;
const LINES_SHOWN = 8;

/** An API or a worker in a process of its own, as in production. It ends with this process, however that ends. */
export class SignpostProcess {
  private endWanted = false;

  private constructor(
    readonly app: 'api' | 'worker',
    private readonly child: ChildProcess,
    private readonly logFile: string,
    /** Where it listens, without a slash at the end. */
    readonly url: string,
    /** From its start until it was ready. */
    readonly startMs: number,
    private readonly callOffWatch: () => void,
  ) {}

  /** Resolves when it says that it is ready. @throws SignpostError with what it said when it ended instead */
  static async start({ app, env, logFile, nodeOptions = [] }: SignpostProcessOptions): Promise<SignpostProcess> {
    const startedAtMs = performance.now();
    const log = await open(logFile, 'a', 0o600);
    try {
      const child = spawnService({ script: appMain(app), env, logFd: log.fd, nodeOptions });
      // The process notices by itself when this one is gone, but not while it is frozen.
      const callOffWatch = child.pid === undefined ? () => undefined : endWithParent({ pids: [child.pid] });
      const url = await readyUrl(child);
      const startMs = performance.now() - startedAtMs;
      if (url !== null) return new SignpostProcess(app, child, logFile, url, startMs, callOffWatch);
      callOffWatch();
      const lines = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-LINES_SHOWN);
      throw new SignpostError('unavailable', [`The ${app} did not start:`, ...lines].join('\n'));
    } finally {
      await log.close();
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** How it ended without being asked to: `exit code 1`; else null. */
  get unwantedEnd(): string | null {
    if (!this.hasEnded || this.endWanted) return null;
    return this.child.signalCode ?? `exit code ${this.child.exitCode ?? '?'}`;
  }

  /** Ends it as a power failure would. Resolves when it is gone. */
  async kill9(): Promise<void> {
    this.endWanted = true;
    await this.end('SIGKILL');
  }

  /** Asks it to end in an orderly way; one that takes too long is killed. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.endWanted = true;
    this.resume();
    const patience = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS_MAX);
    await this.end('SIGTERM');
    clearTimeout(patience);
  }

  /** Freezes it, as when a machine swaps or a debugger stops the process. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** What it has written to its log. */
  async logLines(): Promise<readonly string[]> {
    const text = await readFile(this.logFile, 'utf8');
    return text.split('\n').filter((line) => line !== '');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.hasEnded) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    this.callOffWatch();
  }
}

/** @returns null when the process ends before it is ready */
function readyUrl(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (isReadyMessage(message)) resolve(message.url);
    });
    child.once('exit', () => resolve(null));
    child.once('error', () => resolve(null));
  });
}
