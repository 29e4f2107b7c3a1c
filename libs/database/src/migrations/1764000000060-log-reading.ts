import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets the log be searched and charted at any size, by what the recorder writes anyway. */
export class LogReading1764000000060 implements MigrationInterface {
  readonly name = 'LogReading1764000000060';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [LOG_INDEXES, STATISTICS]) await runner.query(part);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

/**
 * A delivery that goes well keeps NULL in every column of these indexes: it never enters them, and the update that settles it stays a
 * HOT one. That is why they are on generated columns and not on `status` and `last_status_code`, which that update changes.
 */
const LOG_INDEXES = `
ALTER TABLE deliveries
  ADD COLUMN trouble text GENERATED ALWAYS AS (CASE WHEN status IN ('retrying', 'failed', 'canceled', 'held') THEN status END) STORED,
  ADD COLUMN error_status smallint GENERATED ALWAYS AS (CASE WHEN last_error_code IS NOT NULL THEN last_status_code END) STORED;
CREATE INDEX deliveries_trouble ON deliveries (store_id, trouble, id) WHERE trouble IS NOT NULL;
CREATE INDEX deliveries_error_code ON deliveries (store_id, last_error_code, id) WHERE last_error_code IS NOT NULL;
CREATE INDEX deliveries_error_status ON deliveries (store_id, error_status, id) WHERE error_status IS NOT NULL;
-- With the store in it, no plan is better than this one for a webhook, also for one that has few deliveries in a large store.
DROP INDEX deliveries_webhook;
CREATE INDEX deliveries_webhook ON deliveries (store_id, webhook_id, id);
-- For the live tail, which asks what was attempted lately.
CREATE INDEX attempts_store ON attempts (store_id, id);
`;

const STATISTICS = `
-- How many attempts took how long: one count per slot of the histogram in libs/domain/src/duration-histogram.ts.
ALTER TABLE webhook_stats ADD COLUMN durations integer[] NOT NULL DEFAULT '{}';

CREATE FUNCTION add_counts(a integer[], b integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY place) FROM unnest(a, b) WITH ORDINALITY AS u(x, y, place));

-- What came of attempts; 0 stands for no answer, '' for no error.
CREATE TABLE attempt_outcomes (
  store_id     uuid NOT NULL,
  hour         timestamptz NOT NULL,
  webhook_id   uuid NOT NULL,
  status_code  smallint NOT NULL,
  error_code   text NOT NULL,
  attempts     integer NOT NULL,
  PRIMARY KEY (store_id, hour, webhook_id, status_code, error_code)
) WITH (fillfactor = 70);

-- Counted at the fan-out, a batch at a time. Fan-outs of one store run beside each other, so a few slots share the count.
CREATE TABLE accepted_events (
  store_id  uuid NOT NULL,
  hour      timestamptz NOT NULL,
  slot      smallint NOT NULL,
  events    integer NOT NULL,
  PRIMARY KEY (store_id, hour, slot)
) WITH (fillfactor = 70);
`;
