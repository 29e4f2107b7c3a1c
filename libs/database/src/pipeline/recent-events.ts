import type { StoredEvent } from '@signpost/delivery';
import type { EventId } from '@signpost/domain';

/** How much is remembered, in UTF-16 code units of payloads. */
const UNITS_MAX = 2 * 1024 * 1024;

/**
 * Remembers the events that were read last. An event that is owed to several webhooks is claimed for each of them at about the same time,
 * and so is read only once. Events never change, so that a remembered event is what would be read.
 */
export class RecentEvents {
  private readonly events = new Map<EventId, StoredEvent>();
  private units = 0;

  /** @param unitsMax - of all payloads together, in UTF-16 code units */
  constructor(private readonly unitsMax = UNITS_MAX) {}

  get(id: EventId): StoredEvent | undefined {
    return this.events.get(id);
  }

  /** Remembers an event, and forgets the oldest ones to make room for it. */
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
