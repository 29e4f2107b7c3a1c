import { SignpostError, type LeaseId, type WebhookId } from '@signpost/domain';
import type { DueWebhook, LeasedDelivery, RecordOutcome, ResultLedger, Settlement } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';

/** Settlements of one statement. */
const GROUP_MAX = 500;
/** Settlements that may wait to be recorded before no more attempts are begun. */
const WAITING_MAX = 4_000;
/** Pauses between tries while PostgreSQL is away. */
const RETRY_MS = { first: 100, max: 2_000 };

/** What a recorder tells of itself. */
export interface RecorderObserver {
  recorded(settlements: readonly Settlement[], outcome: RecordOutcome, durationMs: number): void;
  recordFailed(error: unknown): void;
  enqueueFailed(error: unknown): void;
}

/**
 * The group commit of results: those that come while one is being recorded share the next statement. It also keeps count of the
 * leases, and ends each with the last of its deliveries.
 */
export class Recorder {
  private waiting: Settlement[] = [];
  private readonly outstanding = new Map<LeaseId, number>();
  private running: Promise<void> | null = null;
  private readonly releases = new Set<Promise<void>>();

  constructor(
    private readonly ledger: ResultLedger,
    private readonly queue: JobQueue,
    private readonly observer: RecorderObserver,
  ) {}

  /** Full means: begin no more attempts. */
  get isFull(): boolean {
    return this.waiting.length >= WAITING_MAX;
  }

  /** Settlements that are not on disk yet. */
  get backlog(): number {
    return this.waiting.length;
  }

  /** Counts deliveries that were leased, until each of them is settled or released. */
  leased(deliveries: readonly LeasedDelivery[]): void {
    for (const { leaseId } of deliveries) this.outstanding.set(leaseId, (this.outstanding.get(leaseId) ?? 0) + 1);
  }

  /** Takes a settlement to be recorded with the next group. */
  add(settlement: Settlement): void {
    this.waiting.push(settlement);
    this.running ??= this.run();
  }

  /** Gives deliveries back unattempted, and wakes their webhooks in `delayMs`. A failure leaves them to the lapse of their lease. */
  release(deliveries: readonly LeasedDelivery[], delayMs: number): void {
    if (deliveries.length === 0) return;
    const released = this.giveBack(deliveries, delayMs)
      .catch((error: unknown) => this.observer.recordFailed(error))
      .finally(() => this.releases.delete(released));
    this.releases.add(released);
  }

  /** Forgets all leases: they have lapsed, and others own what they held. */
  forgetLeases(): void {
    this.outstanding.clear();
  }

  /** Resolves when everything that was added or released before is on disk. */
  async drain(): Promise<void> {
    while (this.running !== null || this.releases.size > 0) await Promise.all([this.running, ...this.releases]);
  }

  private async run(): Promise<void> {
    // What ends in the same turn of the event loop goes into the same group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) await this.record(this.waiting.splice(0, GROUP_MAX));
    this.running = null;
  }

  private async record(group: readonly Settlement[]): Promise<void> {
    const ended = this.settle(group.map(({ delivery }) => delivery));
    for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.max)) {
      try {
        const startedAtMs = performance.now();
        const outcome = await this.ledger.record(group, ended);
        this.observer.recorded(group, outcome, performance.now() - startedAtMs);
        this.wake(outcome.wakes);
        return;
      } catch (error) {
        this.observer.recordFailed(error);
        if (!isPassing(error)) return this.recordEach(group, ended);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** PostgreSQL is there and refuses: one settlement is the cause. Alone, each of the others passes, and that one goes back. */
  private async recordEach(group: readonly Settlement[], ended: readonly LeaseId[]): Promise<void> {
    for (const settlement of group) {
      try {
        this.wake((await this.ledger.record([settlement], ended)).wakes);
      } catch (error) {
        this.observer.recordFailed(error);
        await this.ledger
          .release([settlement.delivery], [{ webhookId: settlement.delivery.webhookId, delayMs: 60_000 }], ended)
          .catch((releaseError: unknown) => this.observer.recordFailed(releaseError));
      }
    }
  }

  private async giveBack(deliveries: readonly LeasedDelivery[], delayMs: number): Promise<void> {
    const ended = this.settle(deliveries);
    const webhookIds = new Set(deliveries.map((delivery): WebhookId => delivery.webhookId));
    const gates = [...webhookIds].map((webhookId) => ({ webhookId, delayMs }));
    this.wake(await this.ledger.release(deliveries, gates, ended));
  }

  /** @returns the leases that end with these deliveries. */
  private settle(deliveries: readonly LeasedDelivery[]): LeaseId[] {
    const ended: LeaseId[] = [];
    for (const { leaseId } of deliveries) {
      const left = (this.outstanding.get(leaseId) ?? 0) - 1;
      if (left > 0) this.outstanding.set(leaseId, left);
      else if (this.outstanding.delete(leaseId)) ended.push(leaseId);
    }
    return ended;
  }

  private wake(wakes: readonly DueWebhook[]): void {
    if (wakes.length === 0) return;
    this.queue.addWakes(wakes).catch((error: unknown) => this.observer.enqueueFailed(error));
  }
}

/** Whether the same statement may pass later: PostgreSQL is away, or two transactions met. */
function isPassing(error: unknown): boolean {
  if (error instanceof SignpostError) return error.code === 'unavailable';
  return error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');
}
