import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What went wrong with one webhook is looked up, however much went well with it, or wrong with the others of its store. It is one column,
 * NULL while all goes well as `trouble` is, so that there is one index which serves it: for two columns the planner would choose among three.
 */
export class WebhookTroubles1764000000090 implements MigrationInterface {
  readonly name = 'WebhookTroubles1764000000090';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE deliveries ADD COLUMN webhook_trouble text GENERATED ALWAYS AS (
  CASE WHEN status IN ('retrying', 'failed', 'canceled', 'held') THEN webhook_id::text || ' ' || status END
) STORED;
CREATE INDEX deliveries_webhook_trouble ON deliveries (store_id, webhook_trouble, id) WHERE webhook_trouble IS NOT NULL;
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
