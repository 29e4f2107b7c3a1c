import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Keeps which delivery an open breaker let through last, its probe: when that is lost with its worker, the next probe need not wait for its
 * time to be up. Also an index of the failing webhooks, for which every sweep asks: it changes only when a webhook begins to fail, and when
 * it recovers.
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
