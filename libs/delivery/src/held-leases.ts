import type { LeaseId } from '@signpost/domain';
import type { LeasedDelivery } from './ports/delivery-ledger';

/** The leases of which deliveries are in this process, in a lane, in flight or waiting to be recorded, and of how many deliveries each. */
export class HeldLeases {
  private readonly outstanding = new Map<LeaseId, number>();
  /** Leases with a delivery that could be neither recorded nor given back. A later heartbeat ends them, not their last delivery. */
  private readonly broken = new Set<LeaseId>();

  get ids(): LeaseId[] {
    return [...this.outstanding.keys()];
  }

  has(leaseId: LeaseId): boolean {
    return this.outstanding.has(leaseId);
  }

  /** Counts deliveries that were leased, until each of them is settled. */
  add(deliveries: readonly LeasedDelivery[]): void {
    for (const { leaseId } of deliveries) this.outstanding.set(leaseId, (this.outstanding.get(leaseId) ?? 0) + 1);
  }

  /** The leases of which these deliveries are the last. */
  endedBy(deliveries: readonly LeasedDelivery[]): LeaseId[] {
    return [...countByLease(deliveries)].flatMap(([leaseId, count]) =>
      (this.outstanding.get(leaseId) ?? 0) <= count && !this.broken.has(leaseId) ? [leaseId] : [],
    );
  }

  /** These deliveries can be neither recorded nor given back. */
  break(deliveries: readonly LeasedDelivery[]): void {
    for (const { leaseId } of deliveries) this.broken.add(leaseId);
  }

  /** Counts these deliveries no longer: they are recorded or given back, or left to whoever looks for forgotten ones. */
  settle(deliveries: readonly LeasedDelivery[]): void {
    for (const [leaseId, count] of countByLease(deliveries)) {
      const left = (this.outstanding.get(leaseId) ?? 0) - count;
      if (left > 0) {
        this.outstanding.set(leaseId, left);
      } else {
        this.outstanding.delete(leaseId);
        this.broken.delete(leaseId);
      }
    }
  }

  /** Forgets all of them: they have lapsed, and other workers may own their deliveries. */
  clear(): void {
    this.outstanding.clear();
    this.broken.clear();
  }
}

function countByLease(deliveries: readonly LeasedDelivery[]): Map<LeaseId, number> {
  const counts = new Map<LeaseId, number>();
  for (const { leaseId } of deliveries) counts.set(leaseId, (counts.get(leaseId) ?? 0) + 1);
  return counts;
}
