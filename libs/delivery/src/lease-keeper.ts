import { idLowerBound, type LeaseId, mintId, type WorkerId } from '@signpost/domain';
import { LapsedWorkerError, type LeaseLedger, type NewLease } from './ports/delivery-ledger';

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
 * process is frozen and while the machine is suspended: a worker that was stopped for a while finds out before it sends again.
 */
export class LeaseKeeper {
  private workerId: WorkerId = mintId('worker', Date.now());
  private standsUntilMs = 0;
  private databaseAheadMs = 0;
  /** The time of the machine, as it was at the start, at which the monotonic clock was at 0. */
  private readonly zeroMs: number;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  /** Leases whose statement has not answered yet. */
  private readonly underWay = new Set<LeaseId>();
  private registering: Promise<void> = Promise.resolve();

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
  ) {
    this.zeroMs = Date.now() - monotonicMs();
  }

  /** Takes up work. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.register();
    this.timer = setInterval(() => void this.beat(), this.leaseMs / BEATS_PER_LEASE);
  }

  /** Whether what this worker has leased is still its own. */
  get stands(): boolean {
    return this.monotonicMs() < this.standsUntilMs;
  }

  /** PostgreSQL's time in milliseconds since the epoch, as last heard: the one clock of due times, overlaps and timestamps. */
  nowMs(): number {
    return Math.round(this.monotonicMs() + this.databaseAheadMs);
  }

  /**
   * Makes a lease for what one statement takes. Until the statement has answered it counts as known; should the answer be lost,
   * what was taken is let go of with a later heartbeat.
   *
   * @throws LapsedWorkerError when this worker has lapsed meanwhile: what was taken is due again, for others
   */
  async leasing<T>(take: (lease: NewLease) => Promise<T>): Promise<T> {
    const lease: NewLease = { leaseId: mintId('lease', this.leaseTimeMs()), workerId: this.workerId };
    this.underWay.add(lease.leaseId);
    try {
      const taken = await take(lease);
      if (lease.workerId !== this.workerId) throw new LapsedWorkerError(lease.workerId);
      return taken;
    } finally {
      this.underWay.delete(lease.leaseId);
    }
  }

  /**
   * Starts over under a new name, when somebody found out that the lease has lapsed.
   *
   * @param lapsed - the name under which it has; of many who find out only the first one has an effect
   * @throws when PostgreSQL cannot be reached; the next heartbeat starts over again
   */
  renew(lapsed: WorkerId): Promise<void> {
    if (lapsed !== this.workerId) return this.registering;
    this.standsUntilMs = 0;
    this.workerId = mintId('worker', Date.now());
    this.observer.lapsed();
    this.registering = this.register();
    return this.registering;
  }

  /** Ends the heartbeat; to be called when everything was given back. What was not is found when the lease lapses. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    try {
      await this.ledger.retire(this.workerId);
    } catch (error) {
      this.observer.heartbeatFailed(error);
    }
  }

  /**
   * The time in the ids of its leases, which tells old ones from new ones. It never goes back, whatever is done to the clock of the
   * machine.
   */
  private leaseTimeMs(): number {
    return Math.round(this.zeroMs + this.monotonicMs());
  }

  private async register(): Promise<void> {
    const { workerId } = this;
    const sentAtMs = this.monotonicMs();
    const { nowMs } = await this.ledger.register(workerId, this.leaseMs);
    if (workerId === this.workerId) this.heard(sentAtMs, nowMs);
  }

  private async beat(): Promise<void> {
    const { workerId } = this;
    const sentAtMs = this.monotonicMs();
    try {
      const { standing, nowMs } = await this.ledger.heartbeat(workerId, this.leaseMs);
      // An answer to a name of before, or to a worker that has ended, says nothing any more.
      if (workerId !== this.workerId || this.stopped) return;
      if (!standing) return await this.renew(workerId);
      this.heard(sentAtMs, nowMs);
      const madeBefore = idLowerBound(this.leaseTimeMs() - this.leaseMs) as LeaseId;
      const freed = await this.ledger.freeForgotten(workerId, [...this.knownLeases(), ...this.underWay], madeBefore);
      if (freed > 0) this.observer.forgottenFreed(freed);
    } catch (error) {
      this.observer.heartbeatFailed(error);
    }
  }

  /** The lease was counted from a moment after the request left, so it stands at least that long. */
  private heard(sentAtMs: number, databaseNowMs: number): void {
    this.standsUntilMs = Math.max(this.standsUntilMs, sentAtMs + this.leaseMs);
    this.databaseAheadMs = databaseNowMs - (sentAtMs + this.monotonicMs()) / 2;
  }
}
