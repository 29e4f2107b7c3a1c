import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds waiting deliveries that are not held yet, however many held ones wait as well. The index tells held ones by `trouble`, which is
 * NULL while all goes well: with `status` in it, every settlement would have to write an index entry.
 */
export class ToSetAside1764000000130 implements MigrationInterface {
  readonly name = 'ToSetAside1764000000130';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX deliveries_not_held ON deliveries (webhook_id) WHERE waiting AND trouble IS DISTINCT FROM 'held'`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
