import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tests that no worker has taken yet: one whose job got lost is found without a look at all deliveries. */
export class UnsentTests1764000000150 implements MigrationInterface {
  readonly name = 'UnsentTests1764000000150';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE unsent_tests (delivery_id uuid PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now())`,
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
