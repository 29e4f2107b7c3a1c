import type { Socket } from 'node:net';
import type { AttemptStage } from './attempt-failure';

export type ConnectStage = Extract<AttemptStage, 'lookup' | 'connect' | 'tls'>;

/** The duration of each phase so far, in milliseconds; `null` for a phase that did not happen. */
export interface ConnectPhases {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
}

/** How far one new connection has come, and how long each phase took. The connection can be given up at any moment. */
export class ConnectProgress {
  stage: ConnectStage = 'lookup';
  private readonly tookMs: Record<ConnectStage, number | null> = { lookup: null, connect: null, tls: null };
  private stageStartedAt = 0;
  private running = false;
  private socket: Socket | null = null;
  private abandonedWith: Error | null = null;
  private rejectWaiting: ((reason: Error) => void) | null = null;

  /** @param nowMs - a monotonic clock in milliseconds */
  constructor(private readonly nowMs: () => number) {}

  /** Ends the current phase and begins another. */
  enter(stage: ConnectStage): void {
    this.leave();
    this.stage = stage;
    this.stageStartedAt = this.nowMs();
    this.running = true;
  }

  /** How long each phase took; a phase that is still going on counts until now. */
  phases(): ConnectPhases {
    if (this.running) this.tookMs[this.stage] = this.nowMs() - this.stageStartedAt;
    return { dnsMs: this.tookMs.lookup, connectMs: this.tookMs.connect, tlsMs: this.tookMs.tls };
  }

  /** Waits for work that cannot be stopped, until the work ends or this connection is abandoned. */
  async unlessAbandoned<T>(waited: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.rejectWaiting = reject;
        if (this.abandonedWith !== null) reject(this.abandonedWith);
        waited.then(resolve, reject);
      });
    } finally {
      this.rejectWaiting = null;
    }
  }

  /** Resolves when the socket is ready, rejects with its first error. The socket never raises an unhandled error afterwards. */
  async follow(socket: Socket, readyEvent: 'connect' | 'secureConnect'): Promise<void> {
    this.socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once(readyEvent, resolve);
      socket.on('error', reject);
      socket.once('close', () => reject(closedEarly()));
      if (this.abandonedWith !== null) socket.destroy(this.abandonedWith);
    });
    this.leave();
  }

  /** Gives the connection up: whoever waits for it gets this error now. */
  abandon(error: Error): void {
    if (this.abandonedWith !== null) return;
    this.abandonedWith = error;
    this.rejectWaiting?.(error);
    this.socket?.destroy(error);
  }

  destroySocket(): void {
    this.socket?.destroy();
  }

  private leave(): void {
    if (!this.running) return;
    this.tookMs[this.stage] = this.nowMs() - this.stageStartedAt;
    this.running = false;
  }
}

function closedEarly(): Error {
  return Object.assign(new Error('The connection was closed before it was ready.'), { code: 'ECONNRESET' });
}
