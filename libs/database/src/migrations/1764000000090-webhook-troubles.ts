import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What went wrong with one webhook is looked up, however much went wrong with the others of its store. */
export class WebhookTroubles1764000000090 implements MigrationInterface {
  readonly name = 'WebhookTroubles1764000000090';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX deliveries_webhook_trouble ON deliveries (store_id, webhook_id, trouble, id) WHERE trouble IS NOT NULL',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
