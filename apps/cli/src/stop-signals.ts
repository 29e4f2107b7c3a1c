const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The exit code of a command that a signal ended before it was done: the one that shells give for Ctrl-C. */
export const STOPPED = 130;
/** Signals within this time are one request: under `npm run`, one Ctrl-C reaches a process from the terminal and from its parents. */
const SAME_REQUEST_MS = 500;

/** Turns signals into requests to stop: the first one to stop in an orderly way, the second one to stop at once. */
export class StopSignals {
  private readonly orderly = new AbortController();
  private readonly immediate = new AbortController();
  private lastMs = Number.NEGATIVE_INFINITY;
  private readonly listener = (): void => {
    const nowMs = performance.now();
    const isSameRequest = nowMs - this.lastMs < SAME_REQUEST_MS;
    this.lastMs = nowMs;
    if (isSameRequest) return;
    if (this.orderly.signal.aborted) this.immediate.abort();
    else this.orderly.abort(new Error('Stopped by a signal.'));
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.listener);
  }

  /** Aborted by the first request to stop. */
  get stop(): AbortSignal {
    return this.orderly.signal;
  }

  /** Aborted by the second one. */
  get kill(): AbortSignal {
    return this.immediate.signal;
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.listener);
  }
}
