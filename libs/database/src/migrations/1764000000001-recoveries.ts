import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Re-sending in steps: what was asked for, and how far it has got. */
export class Recoveries1764000000001 implements MigrationInterface {
  readonly name = 'Recoveries1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RECOVERIES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const RECOVERIES = `
CREATE TABLE recoveries (
  id            uuid PRIMARY KEY,
  store_id      uuid NOT NULL REFERENCES stores (id),
  -- NULL: of every webhook of the store.
  webhook_id    uuid,
  filter        jsonb NOT NULL,
  state         text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'canceled')),
  -- Deliveries with ids between from_id and below_id are looked at, in the order of their ids; those up to cursor have been.
  from_id       uuid NOT NULL,
  below_id      uuid NOT NULL,
  cursor        uuid NOT NULL,
  requeued      integer NOT NULL DEFAULT 0,
  skipped       integer NOT NULL DEFAULT 0,
  requested_by  text NOT NULL,
  -- What is settled after this moment is not part of it.
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz
);
CREATE INDEX recoveries_store ON recoveries (store_id, id);
CREATE INDEX recoveries_running ON recoveries (updated_at) WHERE state = 'running';
`;
