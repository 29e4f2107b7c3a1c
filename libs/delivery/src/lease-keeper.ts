import { idLowerBound, type LeaseId, mintId, type WorkerId } from '@signpost/domain';
import { HeldLeases } from './held-leases';
import { LapsedWorkerError, type LeaseLedger, type NewLease } from './ports/delivery-ledger';

/** What a lease keeper reports, for logs and metrics. */
export interface LeaseObserver {
  heartbeatFailed(error: unknown): void;
  /** Deliveries had been leased without this worker's knowledge, and are due again. */
  forgottenFreed(deliveries: number): void;
  lapsed(): void;
}

/** Heartbeats within the time of one lease: three may fail before it lapses. */
const BEATS_PER_LEASE = 4;

/**
 * This worker's identity, its lease, and the leases of deliveries that it holds. The worker sends nothing once its lease may have lapsed.
 * The clock for this goes on while the process is frozen and while the machine is suspended: a worker that was stopped for a while finds
 * out before it sends again.
 */
export class LeaseKeeper {
  readonly held = new HeldLeases();
  private workerId: WorkerId = mintId('worker', Date.now());
  private standsUntilMs = 0;
  private databaseAheadMs = 0;
  /** The wall-clock time at which the monotonic clock was at 0, as reckoned at the start. */
  private readonly zeroMs: number;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  /** Leases whose statement has not answered yet. */
  private readonly underWay = new Set<LeaseId>();
  private registering: Promise<void> = Promise.resolve();

  /** @param monotonicMs - milliseconds of a clock that never goes back and never stops */
  constructor(
    private readonly ledger: LeaseLedger,
    private readonly leaseMs: number,
    private readonly monotonicMs: () => number,
    private readonly observer: LeaseObserver,
  ) {
    this.zeroMs = Date.now() - monotonicMs();
  }

  /** Takes up work. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.register();
    this.timer = setInterval(() => void this.beat(), this.leaseMs / BEATS_PER_LEASE);
  }

  /** Whether this worker still owns the deliveries that it has leased. */
  get stands(): boolean {
    return this.monotonicMs() < this.standsUntilMs;
  }

  /** PostgreSQL's time in milliseconds since the epoch, as last heard: the one clock of due times, overlaps and timestamps. */
  nowMs(): number {
    return Math.round(this.monotonicMs() + this.databaseAheadMs);
  }

  /**
   * Makes a lease for the deliveries that one statement takes. Until the statement has answered, the lease counts as known. If the answer
   * is lost, a later heartbeat ends the lease.
   *
   * @throws LapsedWorkerError when this worker has lapsed meanwhile: the deliveries are due again, for other workers
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
   * Starts over under a new name, because the lease has lapsed.
   *
   * @param lapsed - the name whose lease has lapsed; of several calls for the same name, only the first has an effect
   * @throws when PostgreSQL cannot be reached; the next heartbeat starts over again
   */
  renew(lapsed: WorkerId): Promise<void> {
    if (lapsed !== this.workerId) return this.registering;
    this.standsUntilMs = 0;
    this.workerId = mintId('worker', Date.now());
    this.held.clear();
    this.observer.lapsed();
    this.registering = this.register();
    return this.registering;
  }

  /** Ends the heartbeat; to be called when all deliveries were given back. The sweep finds any others when the lease has lapsed. */
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
   * The time in the ids of this worker's leases, which tells old leases from new ones. It never goes back, whatever is done to the clock of
   * the machine.
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
      // An answer for a former name, or for a worker that has ended, no longer counts.
      if (workerId !== this.workerId || this.stopped) return;
      if (!standing) return await this.renew(workerId);
      this.heard(sentAtMs, nowMs);
      const madeBefore = idLowerBound(this.leaseTimeMs() - this.leaseMs) as LeaseId;
      const freed = await this.ledger.freeForgotten(workerId, [...this.held.ids, ...this.underWay], madeBefore);
      if (freed > 0) this.observer.forgottenFreed(freed);
    } catch (error) {
      this.observer.heartbeatFailed(error);
    }
  }

  /** Notes an answer. PostgreSQL counts the lease from a later moment than `sentAtMs`, so it stands at least until `leaseMs` after that. */
  private heard(sentAtMs: number, databaseNowMs: number): void {
    this.standsUntilMs = Math.max(this.standsUntilMs, sentAtMs + this.leaseMs);
    this.databaseAheadMs = databaseNowMs - (sentAtMs + this.monotonicMs()) / 2;
  }
}
