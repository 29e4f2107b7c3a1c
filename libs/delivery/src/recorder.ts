import { SignpostError, type WebhookId } from '@signpost/domain';
import { gather } from './gather';
import type { HeldLeases } from './held-leases';
import type { DueWebhook, LeasedDelivery, RecordOutcome, ResultLedger, Settlement } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';

/** How long a group is held open: longer than in publishing, because nobody waits for a result to be recorded. */
const PATIENCE = { usualMs: 25, mostMs: 40 };
/** How many settlements one statement records at most. */
const GROUP_MAX = 500;
/** When this many settlements wait to be recorded, no more attempts are begun. */
const WAITING_MAX = 4_000;
/** How long a delivery rests after PostgreSQL has refused its result. */
const REFUSED_REST_MS = 60_000;
/** Pauses between tries while PostgreSQL is away. */
const RETRY_MS = { first: 100, max: 2_000 };

/** What a recorder reports, for logs and metrics. */
export interface RecorderObserver {
  recorded(settlements: readonly Settlement[], outcome: RecordOutcome, durationMs: number): void;
  recordFailed(error: unknown): void;
  enqueueFailed(error: unknown): void;
}

/**
 * The group commit of results: results that come while a group is being recorded share the next statement. Each lease ends with the last
 * of its deliveries. The recorder keeps every result until PostgreSQL has taken it.
 */
export class Recorder {
  private settled: Settlement[] = [];
  private returned: Returned[] = [];
  private readonly waking = new Set<Promise<void>>();
  private running: Promise<void> | null = null;
  private lastGroup = 0;

  constructor(
    private readonly ledger: ResultLedger,
    private readonly queue: JobQueue,
    private readonly leases: HeldLeases,
    private readonly observer: RecorderObserver,
  ) {}

  /** Full means: begin no more attempts. */
  get isFull(): boolean {
    return this.settled.length >= WAITING_MAX;
  }

  /** Settlements that are not on disk yet. */
  get backlog(): number {
    return this.settled.length;
  }

  /** Takes a settlement to be recorded with the next group. */
  add(settlement: Settlement): void {
    this.settled.push(settlement);
    this.running ??= this.run();
  }

  /** Takes deliveries to be given back unattempted, and their webhooks to be woken in `delayMs`. */
  release(deliveries: readonly LeasedDelivery[], delayMs: number): void {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.returned.push({ delivery: withoutPayload(delivery), delayMs });
    this.running ??= this.run();
  }

  /** Resolves when everything that was added or released before is on disk, and the wakes for it have been added or refused. */
  async drain(): Promise<void> {
    while (this.running !== null) await this.running;
    await Promise.all(this.waking);
  }

  private async run(): Promise<void> {
    do {
      await gather(
        this.lastGroup,
        PATIENCE,
        () => this.settled.length,
        () => this.settled.length >= GROUP_MAX,
      );
      this.lastGroup = this.settled.length;
      // Results first: deliveries that are given back may wake other workers, which must find recorded what was sent already.
      if (this.settled.length > 0) await this.record(this.settled.splice(0, GROUP_MAX));
      if (this.returned.length > 0) await this.giveBack(this.returned.splice(0, GROUP_MAX));
    } while (this.settled.length > 0 || this.returned.length > 0);
    this.running = null;
  }

  private async record(group: readonly Settlement[], wasTried = false): Promise<void> {
    const deliveries = group.map(({ delivery }) => delivery);
    const startedAtMs = performance.now();
    const outcome = await this.persist(
      (isRepeat) => this.ledger.record(group, this.leases.endedBy(deliveries), isRepeat),
      wasTried,
    );
    if (outcome === REFUSED) return this.recordEach(group);
    this.leases.settle(deliveries);
    this.observer.recorded(group, outcome, performance.now() - startedAtMs);
    this.wake(outcome.wakes);
  }

  /** PostgreSQL answers and refuses, because of one settlement. Records each alone: the others pass, and that one is given back. */
  private async recordEach(group: readonly Settlement[]): Promise<void> {
    const [only] = group;
    if (group.length === 1 && only !== undefined) {
      return this.giveBack([{ delivery: only.delivery, delayMs: REFUSED_REST_MS }]);
    }
    for (const settlement of group) await this.record([settlement], true);
  }

  private async giveBack(group: readonly Returned[]): Promise<void> {
    const deliveries = group.map(({ delivery }) => delivery);
    const delays = new Map<WebhookId, number>();
    for (const { delivery, delayMs } of group) {
      delays.set(delivery.webhookId, Math.min(delayMs, delays.get(delivery.webhookId) ?? delayMs));
    }
    const gates = [...delays].map(([webhookId, delayMs]) => ({ webhookId, delayMs }));
    const wakes = await this.persist(() => this.ledger.release(deliveries, gates, this.leases.endedBy(deliveries)));
    if (wakes === REFUSED) this.leases.break(deliveries);
    this.leases.settle(deliveries);
    if (wakes !== REFUSED) this.wake(wakes);
  }

  /** Tries until PostgreSQL takes the write, or refuses its values. After a lost answer the write may have taken effect: `isRepeat`. */
  private async persist<T>(write: (isRepeat: boolean) => Promise<T>, wasTried = false): Promise<T | typeof REFUSED> {
    let isRepeat = wasTried;
    for (let pauseMs = RETRY_MS.first; ; pauseMs = Math.min(pauseMs * 2, RETRY_MS.max)) {
      try {
        return await write(isRepeat);
      } catch (error) {
        this.observer.recordFailed(error);
        if (!isPassing(error)) return REFUSED;
        isRepeat = true;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  private wake(wakes: readonly DueWebhook[]): void {
    if (wakes.length === 0) return;
    const added = this.queue
      .addWakes(wakes)
      .catch((error: unknown) => this.observer.enqueueFailed(error))
      .finally(() => this.waking.delete(added));
    this.waking.add(added);
  }
}

interface Returned {
  readonly delivery: LeasedDelivery;
  readonly delayMs: number;
}

/** Lets go of the payload: a delivery that was sent, or is given back, does not need it while it waits to be written. */
export function withoutPayload(delivery: LeasedDelivery): LeasedDelivery {
  return { ...delivery, event: { ...delivery.event, data: null } };
}

/** PostgreSQL answers, and will never take these values. */
const REFUSED = Symbol('refused');

const SQLSTATE = /^[0-9A-Z]{5}$/;
/**
 * SQLSTATE classes that blame the values: too many rows, data, constraints, and values that are too large. This includes a day without a
 * partition: a day named by a wrong clock may never get one, and must not keep all other results waiting.
 */
const BLAMES_VALUES = /^(21|22|23|54)/;

/**
 * Whether the same statement may pass later: PostgreSQL is away, two transactions conflicted, or something else is wrong with PostgreSQL,
 * not with the values. An error that does not come from PostgreSQL is a fault of Signpost, and will not pass.
 */
function isPassing(error: unknown): boolean {
  if (error instanceof SignpostError) return error.code === 'unavailable';
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return SQLSTATE.test(error.code) && !BLAMES_VALUES.test(error.code);
}
