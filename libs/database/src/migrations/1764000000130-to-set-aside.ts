import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What waits and is not held yet is found past any number of held ones, which wait as well. It is told by `trouble`, which is NULL while all
 * goes well: an index that knew the status would cost every settling an entry.
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
