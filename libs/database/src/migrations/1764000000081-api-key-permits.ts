import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What API keys with a rate limit may still do at the moment, for all API processes together. */
export class ApiKeyPermits1764000000081 implements MigrationInterface {
  readonly name = 'ApiKeyPermits1764000000081';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PERMITS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

/** Not logged: after a crash every bucket is full again, which it is a second after its last use anyway. */
const PERMITS = `
CREATE UNLOGGED TABLE api_key_permits (
  api_key_id  uuid PRIMARY KEY REFERENCES api_keys (id) ON DELETE CASCADE,
  -- As of as_of; more have gathered since.
  permits     double precision NOT NULL,
  as_of       timestamptz NOT NULL,
  -- By whoever came last.
  taken       integer NOT NULL
) WITH (fillfactor = 50);
`;
