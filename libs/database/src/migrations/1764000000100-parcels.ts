import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deliveries that found no room in their lane are put together in parcels: leases that no worker has taken yet. */
export class Parcels1764000000100 implements MigrationInterface {
  readonly name = 'Parcels1764000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE leases
  ALTER COLUMN worker_id DROP NOT NULL,
  -- Of a parcel: whose deliveries these are, since when they are due, and how much their payloads take, in UTF-16 code units.
  ADD COLUMN webhook_id uuid,
  ADD COLUMN due_at timestamptz,
  ADD COLUMN payload_units integer,
  -- The lease of the claim that took the parcel: as old as that claim, where the parcel's own id is as old as its fan-out.
  ADD COLUMN taken_as uuid,
  ADD CHECK (worker_id IS NOT NULL OR (webhook_id IS NOT NULL AND due_at IS NOT NULL AND payload_units IS NOT NULL));
CREATE INDEX leases_parcels ON leases (webhook_id, due_at, id) WHERE worker_id IS NULL;
-- Without parcels in it: where statistics know of none, all of them would be looked through for those of one webhook.
DROP INDEX leases_worker;
CREATE INDEX leases_worker ON leases (worker_id) WHERE worker_id IS NOT NULL;
COMMENT ON COLUMN deliveries.waiting IS
  'Waiting for a worker to claim it at due_at. Not waiting and not settled means: leased, or in a parcel that waits for a worker.';
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
