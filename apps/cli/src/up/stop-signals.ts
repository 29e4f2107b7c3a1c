const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Ctrl-C reaches a process under `npm run` more than once, from the terminal and from its parents, within milliseconds. */
const SAME_REQUEST_MS = 500;

/** Asks to stop: the first one in an orderly way, any further one at once. */
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
