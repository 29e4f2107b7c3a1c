import type { StoreId } from '@signpost/domain';
import type { Submission } from '../ports/event-log';

/** A submission of so many events is bulk. */
const BULK_EVENTS_MIN = 50;
/** What a store may publish in smaller batches: so many events at once, and so many a second after that. */
const SMALL_BATCHES = { events: 100, perSecond: 100 };
/** After so long without a batch a store may publish as much as any. */
const FORGET_MS = (1_000 * 2 * SMALL_BATCHES.events) / SMALL_BATCHES.perSecond;

/** How much of {@link SMALL_BATCHES} a store has used up, and when that was. */
interface Used {
  readonly events: number;
  readonly atMs: number;
}

/** Tells bulk from what is sent while somebody waits for it: by the size of a submission, or by how many there are. */
export class BulkJudge {
  /** By the stores that have published batches lately, and by those that had shortly before. */
  private used = new Map<StoreId, Used>();
  private usedBefore = new Map<StoreId, Used>();
  private begunAtMs = -Infinity;

  /** @param monotonicMs - a clock that never goes back */
  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** A single event never is bulk. A small batch is when its store has published very many of them, and then counts as well. */
  isBulk({ storeId, events }: Pick<Submission, 'storeId' | 'events'>): boolean {
    if (events.length === 1) return false;
    if (events.length >= BULK_EVENTS_MIN) return true;
    const nowMs = this.monotonicMs();
    if (nowMs - this.begunAtMs > FORGET_MS) this.forget(nowMs);
    const used = this.usedBy(storeId, nowMs) + events.length;
    this.used.set(storeId, { events: Math.min(used, 2 * SMALL_BATCHES.events), atMs: nowMs });
    return used > SMALL_BATCHES.events;
  }

  private usedBy(storeId: StoreId, nowMs: number): number {
    const { events, atMs } = this.used.get(storeId) ?? this.usedBefore.get(storeId) ?? { events: 0, atMs: nowMs };
    return Math.max(0, events - ((nowMs - atMs) * SMALL_BATCHES.perSecond) / 1_000);
  }

  private forget(nowMs: number): void {
    this.usedBefore = this.used;
    this.used = new Map();
    this.begunAtMs = nowMs;
  }
}
