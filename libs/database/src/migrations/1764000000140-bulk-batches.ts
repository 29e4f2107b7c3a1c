import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Marks the batches that give way to others. Their size does not tell, and the sweep must not put them back among the batches that do not
 * give way.
 */
export class BulkBatches1764000000140 implements MigrationInterface {
  readonly name = 'BulkBatches1764000000140';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE outbox ADD COLUMN bulk boolean NOT NULL DEFAULT false`);
    // Until now, the size told it.
    await runner.query(`UPDATE outbox SET bulk = true WHERE cardinality(event_ids) >= 50`);
    // With it the sweep finds the other batches, however much bulk waits.
    await runner.query(`CREATE INDEX outbox_usual ON outbox (created_at) WHERE NOT bulk`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
