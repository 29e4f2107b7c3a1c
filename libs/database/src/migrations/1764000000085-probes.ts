import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which delivery an open breaker let through last: should it be lost with its worker, another one need not wait. And an index of the
 * webhooks that fail, of which every sweep asks: it changes when one begins to fail, and when it recovers.
 */
export class Probes1764000000085 implements MigrationInterface {
  readonly name = 'Probes1764000000085';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE gates ADD COLUMN probe_id uuid');
    await runner.query('CREATE INDEX gates_failing ON gates (failing_since) WHERE failing_since IS NOT NULL');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
