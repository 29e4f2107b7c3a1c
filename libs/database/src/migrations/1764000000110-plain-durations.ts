import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Durations are written with a header of full length from now on: with a short one, PostgreSQL copies the whole array for each of its
 * elements that a chart adds up.
 */
export class PlainDurations1764000000110 implements MigrationInterface {
  readonly name = 'PlainDurations1764000000110';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE webhook_stats ALTER COLUMN durations SET STORAGE PLAIN');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
