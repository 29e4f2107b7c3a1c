import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The deliveries of an event are found by the event alone, in the order of their ids. Without the id in its index, a log of some hundred
 * thousand deliveries was walked from its end instead, because a window of ids looked narrow to the planner.
 */
export class DeliveriesOfAnEvent1764000000095 implements MigrationInterface {
  readonly name = 'DeliveriesOfAnEvent1764000000095';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX deliveries_event;
CREATE INDEX deliveries_event ON deliveries (event_id, id);
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
