import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ids of a batch and of a lease stay in their row, up to the five hundred that there can be. From a hundred and twenty on PostgreSQL tried in
 * vain to compress them, and then put them into a table of their own, for the moment until they are read and deleted again.
 */
export class IdsInTheirRows1764000000120 implements MigrationInterface {
  readonly name = 'IdsInTheirRows1764000000120';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE outbox SET (toast_tuple_target = 8160), ALTER COLUMN event_ids SET STORAGE EXTERNAL;
ALTER TABLE leases SET (toast_tuple_target = 8160), ALTER COLUMN delivery_ids SET STORAGE EXTERNAL;
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
