import type { StoreId } from '@signpost/domain';

/** When deliveries wait in `lanes` lanes of a store, or in more, all its lanes count as flooded from then on for `forMs` milliseconds. */
const FLOODED = { lanes: 100, forMs: 1_000 };

/** The lanes of a store, and in how many of them deliveries wait. */
export class StoreBacklog {
  /** How many lanes deliveries wait in; lanes in trouble do not count. */
  waiting = 0;
  /** How many lanes its webhooks have. */
  lanes = 0;
  private floodedUntilMs = -Infinity;

  constructor(readonly storeId: StoreId) {}

  isFlooded(nowMs: number): boolean {
    if (this.waiting >= FLOODED.lanes) this.floodedUntilMs = nowMs + FLOODED.forMs;
    return this.floodedUntilMs > nowMs;
  }
}

/** The part of a lane that says which store it belongs to; null until the store is known. */
interface OfStore {
  store: StoreBacklog | null;
}

/** The backlogs of all stores that have lanes. */
export class StoreBacklogs {
  private readonly stores = new Map<StoreId, StoreBacklog>();

  /** Counts a lane in, once: its first delivery says which store it belongs to. */
  join(lane: OfStore, storeId: StoreId): void {
    if (lane.store !== null) return;
    const store = this.stores.get(storeId) ?? new StoreBacklog(storeId);
    this.stores.set(storeId, store);
    store.lanes += 1;
    lane.store = store;
  }

  /** Counts out a lane that is empty and gone; forgets a store that has no lanes. */
  leave({ store }: OfStore): void {
    if (store === null) return;
    store.lanes -= 1;
    if (store.lanes === 0) this.stores.delete(store.storeId);
  }
}
