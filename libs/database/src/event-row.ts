import type { EventId, StoreId } from '@signpost/domain';
import type { StoredEvent } from '@signpost/delivery';

/** The columns of `events` that an attempt needs, as the driver gives them. */
export interface EventColumns {
  event_id: EventId;
  store_id: StoreId;
  type: string;
  occurred_at: Date;
  data: string | null;
}

/** Reads an event out of a row. */
export function storedEvent(row: EventColumns): StoredEvent {
  return {
    id: row.event_id,
    storeId: row.store_id,
    type: row.type,
    timestamp: row.occurred_at.toISOString(),
    data: row.data,
  };
}
