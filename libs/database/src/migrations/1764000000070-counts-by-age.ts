import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds hourly counts by their age. Rows come in the order of their hours: a block range index is small, and costs a count nothing. */
export class CountsByAge1764000000070 implements MigrationInterface {
  readonly name = 'CountsByAge1764000000070';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_stats', 'attempt_outcomes', 'accepted_events', 'api_key_usage']) {
      await runner.query(`CREATE INDEX ${table}_hour ON ${table} USING brin (hour)`);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
