import type { StoreId } from '@signpost/domain';

/** When something waits in this many lanes of a store, all its lanes are flooded, and stay so until that has not been so for a while. */
const FLOODED = { lanes: 100, forMs: 1_000 };

/** What waits in the lanes of a store. */
export class StoreBacklog {
  /** Lanes in which something waits, but for those in trouble. */
  waiting = 0;
  /** All lanes of its webhooks. */
  lanes = 0;
  private floodedUntilMs = -Infinity;

  constructor(readonly storeId: StoreId) {}

  isFlooded(nowMs: number): boolean {
    if (this.waiting >= FLOODED.lanes) this.floodedUntilMs = nowMs + FLOODED.forMs;
    return this.floodedUntilMs > nowMs;
  }
}

/** A lane, as far as its store is concerned: null until that is known. */
interface OfStore {
  store: StoreBacklog | null;
}

/** The backlogs of all stores that have lanes. */
export class StoreBacklogs {
  private readonly stores = new Map<StoreId, StoreBacklog>();

  /** Counts a lane in, once: its first delivery tells whose it is. */
  join(lane: OfStore, storeId: StoreId): void {
    if (lane.store !== null) return;
    const store = this.stores.get(storeId) ?? new StoreBacklog(storeId);
    this.stores.set(storeId, store);
    store.lanes += 1;
    lane.store = store;
  }

  /** A lane is gone, with nothing in it; a store without lanes is forgotten. */
  leave({ store }: OfStore): void {
    if (store === null) return;
    store.lanes -= 1;
    if (store.lanes === 0) this.stores.delete(store.storeId);
  }
}
