import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether deliveries of a webhook may be marked as held: once its key is active again, claims take the mark off them. */
export class HoldingGates1764000000170 implements MigrationInterface {
  readonly name = 'HoldingGates1764000000170';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE gates ADD COLUMN holding boolean NOT NULL DEFAULT false');
    // Due, so that a claim looks at the deliveries that are held now, and lets them go if a key is active.
    await runner.query(
      `UPDATE gates SET holding = true, due_at = now()
       WHERE webhook_id IN (SELECT webhook_id FROM deliveries WHERE waiting AND status = 'held')`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
