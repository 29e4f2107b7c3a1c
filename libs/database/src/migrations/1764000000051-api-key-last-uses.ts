import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When each API key, and each of its permissions, was used last; it outlives the hourly counts. */
export class ApiKeyLastUses1764000000051 implements MigrationInterface {
  readonly name = 'ApiKeyLastUses1764000000051';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LAST_USES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const LAST_USES = `
CREATE TABLE api_key_last_uses (
  api_key_id    uuid NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  -- Empty: any call that was allowed.
  permission    text NOT NULL,
  last_used_at  timestamptz NOT NULL,
  PRIMARY KEY (api_key_id, permission)
) WITH (fillfactor = 70);
`;
