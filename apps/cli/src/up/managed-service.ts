import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isReadyMessage, type ReadyMessage } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { spawnService } from '../services/spawn-service';
import { ServiceLog } from './service-log';

export interface ManagedServiceOptions {
  /** The name for messages: `API`, `worker`. */
  readonly name: string;
  /** What Node.js is to run. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly say: (line: string) => void;
  /** Hears of every process that is started. */
  readonly onStart: (pid: number) => Promise<void>;
  /** Hears each time that it is ready. */
  readonly onReady: (message: ReadyMessage) => void;
  /** Settings for every later start: the first one may have chosen something, such as a port, that must stay the same. */
  readonly restartEnv: (url: string) => NodeJS.ProcessEnv;
}

const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 10_000;
/** A process that ran for this long was healthy: when it ends, the pauses between starts begin anew with the shortest. */
const WELL_MS = 30_000;
/** Added to the grace period that the process gives itself. */
const GRACE_EXTRA_MS = 5_000;

/**
 * A process that `up` keeps running. It is in a session of its own, so that Ctrl-C reaches only `up`, and is connected by a channel whose
 * end tells it that `up` is gone.
 */
export class ManagedService {
  private child: ChildProcess | null = null;
  private readonly stopping = new AbortController();
  private pauseMs = FIRST_PAUSE_MS;

  private constructor(private readonly options: ManagedServiceOptions) {}

  /**
   * Starts it and waits until it is ready.
   *
   * @returns the service, and the address that it listens on
   * @throws SignpostError with what it said when it ended instead
   */
  static async start(
    options: ManagedServiceOptions,
    stop: AbortSignal,
  ): Promise<{ readonly service: ManagedService; readonly url: string }> {
    const service = new ManagedService(options);
    const log = await ServiceLog.open(options.logFile);
    try {
      const launched = service.launch(options.env, log);
      const url = await Promise.race([launched.url, rejectedBy(stop)]);
      if (url === null) throw await failure(options, log);
      void service.keepRunning(launched.child, url);
      return { service, url };
    } catch (error) {
      service.kill();
      throw error;
    } finally {
      await log.file.close();
    }
  }

  /** Ends it in an orderly way; one that takes too long is killed. Resolves when its process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const child = this.child;
    if (child === null || hasExited(child)) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), graceMs + GRACE_EXTRA_MS);
    await exited;
    clearTimeout(patience);
  }

  /** Ends it at once. */
  kill(): void {
    this.stopping.abort();
    this.child?.kill('SIGKILL');
  }

  /** `url` becomes null when the process ends before it is ready. */
  private launch(env: NodeJS.ProcessEnv, log: ServiceLog): { child: ChildProcess; url: Promise<string | null> } {
    const child = spawnService({ script: this.options.script, env, logFd: log.file.fd });
    this.child = child;
    const url = new Promise<string | null>((resolve) => {
      child.on('message', (message) => {
        if (!isReadyMessage(message)) return;
        this.options.onReady(message);
        resolve(message.url);
      });
      child.once('exit', () => resolve(null));
      child.once('error', () => resolve(null));
    });
    if (child.pid !== undefined) void this.options.onStart(child.pid);
    return { child, url };
  }

  private async keepRunning(first: ChildProcess, url: string): Promise<void> {
    const { name, say } = this.options;
    for (let child = first; ;) {
      const startedMs = performance.now();
      if (!hasExited(child)) await once(child, 'exit');
      if (this.stopping.signal.aborted) return;
      if (performance.now() - startedMs > WELL_MS) this.pauseMs = FIRST_PAUSE_MS;
      say(`The ${name} ended (${child.signalCode ?? `exit code ${child.exitCode ?? '?'}`}); it is started again.`);
      const next = await this.restart(url);
      if (next === null) return;
      child = next;
    }
  }

  /** @returns null when the service is to stop meanwhile */
  private async restart(url: string): Promise<ChildProcess | null> {
    await delay(this.pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    this.pauseMs = Math.min(this.pauseMs * 2, PAUSE_MS_MAX);
    const log = await ServiceLog.open(this.options.logFile);
    try {
      if (this.stopping.signal.aborted) return null;
      const { child, url: restarted } = this.launch(this.options.restartEnv(url), log);
      void restarted.then((ready) => ready !== null && this.options.say(`The ${this.options.name} runs again.`));
      return child;
    } finally {
      await log.file.close();
    }
  }
}

async function failure({ name, logFile }: ManagedServiceOptions, log: ServiceLog): Promise<SignpostError> {
  const lines = await log.plainLines();
  const text = lines.length > 0 ? lines.join('\n') : `The ${name} ended before it was ready; its log is ${logFile}.`;
  return new SignpostError('unavailable', text);
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
