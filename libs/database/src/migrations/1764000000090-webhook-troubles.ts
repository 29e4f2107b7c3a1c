import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds which deliveries of one webhook went wrong, however many of them went well, and however many went wrong for other webhooks of its
 * store. Webhook and status are in one column, which like `trouble` is NULL while all goes well: so one index serves the search, where for
 * two columns the planner would have three to choose from.
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
