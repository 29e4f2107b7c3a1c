import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which batches give way to others: it cannot be told from their size, and the sweep must not bring bulk back among those that do not. */
export class BulkBatches1764000000140 implements MigrationInterface {
  readonly name = 'BulkBatches1764000000140';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE outbox ADD COLUMN bulk boolean NOT NULL DEFAULT false`);
    // As it was told until now.
    await runner.query(`UPDATE outbox SET bulk = true WHERE cardinality(event_ids) >= 50`);
    // However much bulk waits, the sweep finds what is none.
    await runner.query(`CREATE INDEX outbox_usual ON outbox (created_at) WHERE NOT bulk`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
