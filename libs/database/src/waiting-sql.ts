/**
 * SQL: whether a delivery waits for a worker: alone, or in a parcel that none has taken yet. Never NULL. Asked so that PostgreSQL looks
 * up one lease for each row that it shows, and never reads all parcels for a few rows.
 *
 * @param delivery - what the statement calls its row
 */
export function waitingSql(delivery: string): string {
  return `(${delivery}.waiting OR coalesce((SELECT l.worker_id IS NULL FROM leases l WHERE l.id = ${delivery}.lease_id), false))`;
}
