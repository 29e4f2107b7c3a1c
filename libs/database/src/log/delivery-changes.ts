import { type AttemptId, type DeliveryId, idLowerBound, idTimeMs, type StoreId } from '@signpost/domain';
import type { SqlRunner } from '../sql/sql-client';
import { DELIVERY_COLUMNS, type DeliveryRow } from './delivery-log';
import { followersFrom } from './log-page';

/** An attempt that was recorded, and its delivery. */
export interface RecordedAttempt {
  readonly id: AttemptId;
  readonly deliveryId: DeliveryId;
}

/** Reads what happened lately in a store: at most `limit` of the newest, so that a flood does not make the work grow. */
export class DeliveryChanges {
  constructor(private readonly sql: SqlRunner) {}

  /** Deliveries made at `sinceMs`, in milliseconds since 1970, or later, newest first. */
  made(storeId: StoreId, sinceMs: number, limit: number): Promise<DeliveryRow[]> {
    return this.sql.run<DeliveryRow>(MADE, [storeId, idLowerBound(sinceMs), limit]);
  }

  /** Attempts that ended at `sinceMs`, in milliseconds since 1970, or later, newest first. Their ids carry the time at which they ended. */
  attempted(storeId: StoreId, sinceMs: number, limit: number): Promise<RecordedAttempt[]> {
    return this.sql.run<RecordedAttempt>(ATTEMPTED, [storeId, idLowerBound(sinceMs), limit]);
  }

  /** Deliveries as they are now, in no order. */
  async deliveries(storeId: StoreId, ids: readonly DeliveryId[]): Promise<DeliveryRow[]> {
    if (ids.length === 0) return [];
    const oldest = followersFrom(Math.min(...ids.map(idTimeMs)));
    return this.sql.run<DeliveryRow>(DELIVERIES, [storeId, ids, oldest]);
  }
}

const MADE = {
  name: 'deliveries made',
  text: `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE store_id = $1 AND id >= $2 ORDER BY id DESC LIMIT $3`,
};

const ATTEMPTED = {
  name: 'deliveries attempted',
  text: `SELECT id, delivery_id AS "deliveryId" FROM attempts WHERE store_id = $1 AND id >= $2 ORDER BY id DESC LIMIT $3`,
};

const DELIVERIES = {
  name: 'deliveries by id',
  text: `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE id = ANY ($2::uuid[]) AND id >= $3 AND store_id = $1`,
};
