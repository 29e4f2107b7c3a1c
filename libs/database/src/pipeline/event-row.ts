import type { EventId, StoreId } from '@signpost/domain';
import type { StoredEvent } from '@signpost/delivery';

/** The columns of `events` that an attempt needs, as the driver gives them. */
export interface EventColumns {
  event_id: EventId;
  store_id: StoreId;
  type: string;
  /** Milliseconds since 1970: the driver takes longer to read a time than to read a number. */
  occurred_at_ms: number;
  data: string | null;
}

/** Reads an event out of a row. */
export function storedEvent(row: EventColumns): StoredEvent {
  return {
    id: row.event_id,
    storeId: row.store_id,
    type: row.type,
    timestamp: new Date(row.occurred_at_ms).toISOString(),
    data: row.data,
  };
}
