/**
 * SQL: whether a delivery waits for a worker: alone, or in a parcel that no worker has taken yet. Never NULL. A subquery, so that
 * PostgreSQL looks up one lease for each row that it shows, and never reads all parcels for a few rows.
 *
 * @param delivery - the name of the row of the delivery in the statement
 */
export function waitingSql(delivery: string): string {
  return `(${delivery}.waiting OR coalesce((SELECT l.worker_id IS NULL FROM leases l WHERE l.id = ${delivery}.lease_id), false))`;
}
