import { LapsedWorkerError, type NewLease } from '@signpost/delivery';

/**
 * Tells a worker whose lease has lapsed from any other fault of a statement that makes a lease. A lease refers to its worker's row, which
 * is deleted once the sweep has found the worker dead: the foreign key then refuses the lease.
 *
 * @throws LapsedWorkerError, or the error as it was
 */
export function lapsedWorker({ workerId }: NewLease): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'constraint' in error && error.constraint === 'leases_worker_id_fkey') {
      throw new LapsedWorkerError(workerId);
    }
    throw error;
  };
}
