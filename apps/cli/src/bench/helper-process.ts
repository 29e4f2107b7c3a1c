import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';

/** What a helper replies to one question. */
export type HelperReply =
  { readonly kind: 'answer'; readonly answer: unknown } | { readonly kind: 'fault'; readonly message: string };

export interface HelperOptions {
  /** The name for messages: `sink`. */
  readonly name: string;
  /** What Node.js is to run; it calls `answerQuestions`. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends it at once. */
  readonly stop: AbortSignal;
}

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A part of the benchmark in a process of its own, which answers one question at a time and ends with this process. */
export class HelperProcess {
  private pending: Pending | null = null;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (reply: HelperReply) => this.settle(reply));
    child.once('error', (error) => this.settle({ kind: 'fault', message: error.message }));
    child.once('exit', (code, signal) =>
      this.settle({ kind: 'fault', message: `The ${name} has ended (${signal ?? `exit code ${code ?? '?'}`}).` }),
    );
  }

  static start({ name, script, env, stop }: HelperOptions): HelperProcess {
    // In a session of its own, so that Ctrl-C in the terminal reaches this process alone; and without the options of this process.
    const options: ForkOptions = { env, detached: true, serialization: 'advanced', execArgv: [] };
    const helper = new HelperProcess(name, fork(script, [], options));
    const kill = (): void => helper.kill();
    stop.addEventListener('abort', kill, { once: true });
    helper.child.once('exit', () => stop.removeEventListener('abort', kill));
    if (stop.aborted) kill();
    return helper;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Only one question may be open at a time. @throws Error with what went wrong there, or when it has ended */
  ask<Answer>(question: object): Promise<Answer> {
    if (this.pending !== null) return Promise.reject(new Error(`The ${this.name} is still busy.`));
    return new Promise<unknown>((resolve, reject) => {
      this.pending = { resolve, reject };
      this.child.send(question, (error) => error !== null && this.settle({ kind: 'fault', message: error.message }));
    }) as Promise<Answer>;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private settle(reply: HelperReply): void {
    const { pending } = this;
    this.pending = null;
    if (reply.kind === 'answer') pending?.resolve(reply.answer);
    else pending?.reject(new Error(reply.message));
  }
}
