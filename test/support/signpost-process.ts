import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(__dirname, '../..');
const MAIN = resolve(ROOT, 'dist/apps/cli/src/main.js');

/** How a process ended, and all it printed. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The compiled command line as a process of its own. Its environment has only the variables that a test gives it. */
export class SignpostProcess {
  private stdout = '';
  private stderr = '';
  private readonly changed = new Set<() => void>();
  /** Resolves when the process is gone and everything it printed has been read. */
  readonly end: Promise<ProcessEnd>;

  private constructor(private readonly child: ChildProcess) {
    const read = (take: (text: string) => void) => (text: string) => {
      take(text);
      for (const look of this.changed) look();
    };
    child.stdout?.setEncoding('utf8').on(
      'data',
      read((text) => (this.stdout += text)),
    );
    child.stderr?.setEncoding('utf8').on(
      'data',
      read((text) => (this.stderr += text)),
    );
    this.end = once(child, 'close').then(() => ({
      exitCode: child.exitCode,
      signal: child.signalCode,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Builds the command line if the build is out of date; once per run is enough. */
  static async prepare(): Promise<void> {
    await promisify(execFile)(process.execPath, [resolve(ROOT, 'bin/signpost.mjs'), 'help'], { cwd: ROOT });
  }

  static start(args: readonly string[], env: Readonly<Record<string, string>>): SignpostProcess {
    const { PATH = '', HOME = '/' } = process.env;
    return new SignpostProcess(
      spawn(process.execPath, [MAIN, ...args], {
        cwd: ROOT,
        env: { PATH, HOME, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  /** Runs a command to its end. */
  static run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<ProcessEnd> {
    return SignpostProcess.start(args, env).end;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.stdout;
  }

  /** Resolves when it has printed the text. @throws Error with everything it has printed, when it ends without the text */
  async says(text: string): Promise<void> {
    let look: () => void = () => undefined;
    const found = new Promise<void>((resolveFound) => {
      look = () => {
        if (this.stdout.includes(text)) resolveFound();
      };
      this.changed.add(look);
      look();
    });
    const ended = this.end.then(({ stdout, stderr }) => {
      if (!stdout.includes(text)) throw new Error(`It ended without saying "${text}":\n${stdout}${stderr}`);
    });
    await Promise.race([found, ended]);
    this.changed.delete(look);
  }

  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<ProcessEnd> {
    this.child.kill(signal);
    return this.end;
  }
}
