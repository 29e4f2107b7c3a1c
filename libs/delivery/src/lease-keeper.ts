import { idLowerBound, type LeaseId, mintId, type WorkerId } from '@signpost/domain';
import type { LeaseLedger, NewLease } from './ports/delivery-ledger';

/** What a lease keeper tells of itself. */
export interface LeaseObserver {
  heartbeatFailed(error: unknown): void;
  /** Deliveries had been leased without this worker's knowledge, and are due again. */
  forgottenFreed(deliveries: number): void;
  lapsed(): void;
}

/** Heartbeats within the time of one lease: three may fail before it lapses. */
const BEATS_PER_LEASE = 4;

/**
 * This worker's identity and its lease. It sends nothing once its lease may have lapsed, judged by a clock that goes on while the
 * process is frozen: a worker that was stopped for a while finds out before it sends again.
 */
export class LeaseKeeper {
  private workerId: WorkerId = mintId('worker', Date.now());
  private standsUntilMs = 0;
  private databaseAheadMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private beating: Promise<void> = Promise.resolve();

  /**
   * @param monotonicMs - milliseconds of a clock that never goes back and never stops
   * @param knownLeases - those of which deliveries are still in this process
   */
  constructor(
    private readonly ledger: LeaseLedger,
    private readonly leaseMs: number,
    private readonly monotonicMs: () => number,
    private readonly knownLeases: () => LeaseId[],
    private readonly observer: LeaseObserver,
  ) {}

  /** Takes up work. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.register();
    this.timer = setInterval(() => {
      this.beating = this.beat();
    }, this.leaseMs / BEATS_PER_LEASE);
  }

  /** Whether what this worker has leased is still its own. */
  get stands(): boolean {
    return this.monotonicMs() < this.standsUntilMs;
  }

  /** PostgreSQL's time in milliseconds since the epoch, as last heard: the one clock of due times, overlaps and timestamps. */
  nowMs(): number {
    return Math.round(this.monotonicMs() + this.databaseAheadMs);
  }

  /** A lease for what one statement takes. */
  newLease(): NewLease {
    return { leaseId: mintId('lease', Date.now()), workerId: this.workerId };
  }

  /** Starts over under a new name, when somebody found out that the lease has lapsed. */
  async renew(): Promise<void> {
    this.standsUntilMs = 0;
    this.workerId = mintId('worker', Date.now());
    this.observer.lapsed();
    await this.register();
  }

  /** Ends the heartbeat; to be called when everything was given back. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.beating;
    await this.ledger.retire(this.workerId);
  }

  private async register(): Promise<void> {
    const sentAtMs = this.monotonicMs();
    const { nowMs } = await this.ledger.register(this.workerId, this.leaseMs);
    this.heard(sentAtMs, nowMs);
  }

  private async beat(): Promise<void> {
    const sentAtMs = this.monotonicMs();
    try {
      const { standing, nowMs } = await this.ledger.heartbeat(this.workerId, this.leaseMs);
      if (!standing) return await this.renew();
      this.heard(sentAtMs, nowMs);
      const madeBefore = idLowerBound(Date.now() - this.leaseMs) as LeaseId;
      const freed = await this.ledger.freeForgotten(this.workerId, this.knownLeases(), madeBefore);
      if (freed > 0) this.observer.forgottenFreed(freed);
    } catch (error) {
      this.observer.heartbeatFailed(error);
    }
  }

  /** The lease was counted from a moment after the request left, so it stands at least that long. */
  private heard(sentAtMs: number, databaseNowMs: number): void {
    this.standsUntilMs = sentAtMs + this.leaseMs;
    this.databaseAheadMs = databaseNowMs - (sentAtMs + this.monotonicMs()) / 2;
  }
}
