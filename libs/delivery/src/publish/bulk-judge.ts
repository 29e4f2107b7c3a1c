import type { Submission } from '../ports/event-log';
import { StoreMeter } from '../store-meter';

/** A submission of this many events, or more, is bulk. */
const BULK_EVENTS_MIN = 50;
/** How many events a store may publish in smaller batches before these are bulk: at once, and per second after that. */
const SMALL_BATCHES = { events: 100, perSecond: 100 };
/**
 * How fast bulk is delivered, roughly, beside other work; and how many events a store can have on its account: those of one minute.
 */
const BULK = { perSecond: 500, events: 30_000 };

/** Tells bulk, such as an import, from events that are published as they happen: by the size or the number of a store's submissions. */
export class BulkJudge {
  private readonly small: StoreMeter;
  private readonly bulk: StoreMeter;

  /** @param monotonicMs - a clock that never goes back */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.small = new StoreMeter(SMALL_BATCHES.perSecond, monotonicMs);
    this.bulk = new StoreMeter(BULK.perSecond, monotonicMs);
  }

  /**
   * A single event is never bulk. A small batch is bulk once its store has published very many of them; after a pause of a second or two
   * the store may publish as many again.
   *
   * @returns null when it is not bulk; else in how many milliseconds it is its turn, behind the events that its store has published as bulk
   *   lately. The submission that is due earlier goes first, so that a store with much bulk lets each store with little pass once
   */
  delayMsOf({ storeId, events }: Pick<Submission, 'storeId' | 'events'>): number | null {
    if (events.length === 1) return null;
    if (events.length < BULK_EVENTS_MIN) {
      const before = this.small.add(storeId, events.length, 2 * SMALL_BATCHES.events);
      if (before + events.length <= SMALL_BATCHES.events) return null;
    }
    return (this.bulk.add(storeId, events.length, BULK.events) / BULK.perSecond) * 1_000;
  }
}
