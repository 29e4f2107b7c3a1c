import type { StoredEvent } from '@signpost/delivery';
import type { EventId } from '@signpost/domain';

/** Of the payloads that are remembered, in UTF-16 code units. */
const UNITS_MAX = 2 * 1024 * 1024;

/**
 * The events that were read last: what is owed to several webhooks is claimed by each of them at about the same time, and read once.
 * Events never change, so that what is remembered is what would be read.
 */
export class RecentEvents {
  private readonly events = new Map<EventId, StoredEvent>();
  private units = 0;

  /** @param unitsMax - of all payloads together, in UTF-16 code units */
  constructor(private readonly unitsMax = UNITS_MAX) {}

  get(id: EventId): StoredEvent | undefined {
    return this.events.get(id);
  }

  /** Remembers an event, and forgets the oldest ones for it. */
  add(event: StoredEvent): void {
    if (this.events.has(event.id)) return;
    this.events.set(event.id, event);
    this.units += unitsOf(event);
    for (const [id, oldest] of this.events) {
      if (this.units <= this.unitsMax) break;
      this.events.delete(id);
      this.units -= unitsOf(oldest);
    }
  }
}

/** An event without a payload takes room as well. */
function unitsOf({ data }: StoredEvent): number {
  return 256 + (data?.length ?? 0);
}
