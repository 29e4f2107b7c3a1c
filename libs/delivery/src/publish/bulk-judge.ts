import type { Submission } from '../ports/event-log';
import { StoreMeter } from '../store-meter';

/** A submission of so many events is bulk. */
const BULK_EVENTS_MIN = 50;
/** What a store may publish in smaller batches: so many events at once, and so many a second after that. */
const SMALL_BATCHES = { events: 100, perSecond: 100 };
/** About so many events of bulk are delivered while there are others, and so many are remembered: what one minute takes. */
const BULK = { perSecond: 500, events: 30_000 };

/** Tells bulk from what is sent while somebody waits for it: by the size of a submission, or by how many there are. */
export class BulkJudge {
  private readonly small: StoreMeter;
  private readonly bulk: StoreMeter;

  /** @param monotonicMs - a clock that never goes back */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.small = new StoreMeter(SMALL_BATCHES.perSecond, monotonicMs);
    this.bulk = new StoreMeter(BULK.perSecond, monotonicMs);
  }

  /**
   * A single event never is bulk. A small batch is when its store has published very many of them; whoever stops for a second or two may
   * publish as many again.
   *
   * @returns null when it is not bulk; else in how many milliseconds it is its turn, behind what its store has published as bulk lately:
   *   whoever is due earlier comes first, so that the one with much waits for the one with little, and for each of them once
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
