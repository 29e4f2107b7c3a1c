import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The whole schema of Signpost's first version.
 *
 * `events`, `deliveries` and `attempts` are partitioned by their UUIDv7 id, whose first 48 bits are the time: a look-up by id
 * touches one partition, and retention drops partitions. They have no foreign keys, which would cost a look-up per row.
 */
export class InitialSchema1764000000000 implements MigrationInterface {
  readonly name = 'InitialSchema1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [ADMIN_TABLES, VERSION_TRIGGERS, EVENT_TABLES, DELIVERY_TABLES, STATISTICS_TABLES]) {
      await runner.query(part);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const ADMIN_TABLES = `
CREATE TABLE stores (
  id          uuid PRIMARY KEY,
  key         text NOT NULL,
  name        text NOT NULL,
  -- Grows with every change to the store's webhooks and keys: whoever caches them compares it.
  version     bigint NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  deleted_at  timestamptz
);
CREATE UNIQUE INDEX stores_key ON stores (key) WHERE deleted_at IS NULL;

CREATE TABLE api_keys (
  id                    uuid PRIMARY KEY,
  store_id              uuid NOT NULL REFERENCES stores (id),
  description           text NOT NULL,
  key_hash              bytea NOT NULL,
  key_sealed            text NOT NULL,
  key_hint              text NOT NULL,
  secret_sealed         text NOT NULL,
  previous_secret_sealed text,
  previous_secret_until timestamptz,
  permissions           text[] NOT NULL,
  activated             boolean NOT NULL,
  -- Grows with every change: a cached caller is valid for exactly one version.
  version               bigint NOT NULL DEFAULT 1,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  rotated_at            timestamptz
);
CREATE UNIQUE INDEX api_keys_key_hash ON api_keys (key_hash);
CREATE INDEX api_keys_store ON api_keys (store_id, id);

CREATE TABLE webhooks (
  id               uuid PRIMARY KEY,
  store_id         uuid NOT NULL REFERENCES stores (id),
  url              text NOT NULL,
  event_types      text[] NOT NULL,
  description      text NOT NULL DEFAULT '',
  -- NULL once the key was deleted with force: the webhook's deliveries are held until another is assigned.
  api_key_id       uuid REFERENCES api_keys (id) ON DELETE SET NULL,
  -- Requests per second over all workers; NULL is unlimited.
  rate_limit       integer CHECK (rate_limit > 0),
  enabled          boolean NOT NULL DEFAULT true,
  disabled_reason  text,
  disabled_at      timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  deleted_at       timestamptz
);
CREATE INDEX webhooks_store ON webhooks (store_id, id) WHERE deleted_at IS NULL;
CREATE INDEX webhooks_api_key ON webhooks (api_key_id) WHERE deleted_at IS NULL;

CREATE TABLE audit_log (
  id           uuid PRIMARY KEY,
  store_id     uuid,
  at           timestamptz NOT NULL DEFAULT now(),
  actor_kind   text NOT NULL,
  actor_id     text,
  address      text,
  action       text NOT NULL,
  object_kind  text NOT NULL,
  object_id    text NOT NULL,
  changes      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_store ON audit_log (store_id, id);

CREATE TABLE key_ring_canaries (
  key_id  text PRIMARY KEY,
  sealed  text NOT NULL
);
`;

const VERSION_TRIGGERS = `
CREATE FUNCTION bump_store_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stores SET version = version + 1 WHERE id = COALESCE(NEW.store_id, OLD.store_id);
  RETURN NULL;
END $$;
CREATE TRIGGER webhooks_bump_store AFTER INSERT OR UPDATE OR DELETE ON webhooks
  FOR EACH ROW EXECUTE FUNCTION bump_store_version();
CREATE TRIGGER api_keys_bump_store AFTER INSERT OR UPDATE OR DELETE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION bump_store_version();

CREATE FUNCTION bump_own_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;
CREATE TRIGGER api_keys_bump BEFORE UPDATE ON api_keys FOR EACH ROW EXECUTE FUNCTION bump_own_version();
`;

const EVENT_TABLES = `
CREATE TABLE events (
  id           uuid NOT NULL,
  store_id     uuid NOT NULL,
  batch_id     uuid,
  api_key_id   uuid,
  type         text NOT NULL,
  occurred_at  timestamptz NOT NULL,
  -- The producer's own text, byte for byte; NULL once the payload is past its retention.
  data         text,
  test         boolean NOT NULL DEFAULT false,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX events_store ON events (store_id, id);

-- One row per batch that has not been fanned out completely; (position, after_webhook) is how far it got.
CREATE TABLE outbox (
  batch_id       uuid PRIMARY KEY,
  event_type     text NOT NULL,
  event_ids      uuid[] NOT NULL,
  position       integer NOT NULL DEFAULT 0,
  after_webhook  uuid,
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_created ON outbox (created_at);

CREATE TABLE idempotency_keys (
  store_id    uuid NOT NULL,
  key         text NOT NULL,
  body_hash   bytea NOT NULL,
  event_ids   uuid[] NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (store_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
`;

const DELIVERY_TABLES = `
CREATE TABLE deliveries (
  id                uuid NOT NULL,
  store_id          uuid NOT NULL,
  event_id          uuid NOT NULL,
  webhook_id        uuid NOT NULL,
  event_type        text NOT NULL,
  status            text NOT NULL CHECK (status IN ('queued', 'retrying', 'delivered', 'failed', 'canceled', 'held')),
  -- Waiting for a worker to claim it at due_at. Not waiting and not settled means: leased.
  waiting           boolean NOT NULL,
  due_at            timestamptz NOT NULL DEFAULT now(),
  -- The lease under which a worker owns it; a result under another lease cannot change the state, unless it delivered.
  lease_id          uuid,
  -- Attempts of the automatic schedule made so far; manual ones are beside it.
  attempts_made     smallint NOT NULL DEFAULT 0,
  trigger           text NOT NULL DEFAULT 'schedule' CHECK (trigger IN ('schedule', 'manual', 'recovery', 'test')),
  -- When the automatic schedule goes on after a manual attempt failed; NULL when it had ended.
  resume_at         timestamptz,
  last_attempt_at   timestamptz,
  last_status_code  smallint,
  last_error_code   text,
  delivered_at      timestamptz,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX deliveries_store ON deliveries (store_id, id);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_event ON deliveries (event_id);
-- The usual delivery is leased at its insert and settled by one update, and so never enters this index: that update is a HOT one.
CREATE INDEX deliveries_waiting ON deliveries (webhook_id, due_at) WHERE waiting;

CREATE TABLE attempts (
  id                  uuid NOT NULL,
  delivery_id         uuid NOT NULL,
  store_id            uuid NOT NULL,
  number              smallint NOT NULL,
  trigger             text NOT NULL,
  started_at          timestamptz NOT NULL,
  url                 text NOT NULL,
  request_headers     text NOT NULL,
  status_code         smallint,
  response_headers    text,
  response_body       text,
  response_truncated  boolean NOT NULL DEFAULT false,
  error_code          text,
  error_message       text,
  dns_ms              real,
  connect_ms          real,
  tls_ms              real,
  first_byte_ms       real,
  duration_ms         real NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX attempts_delivery ON attempts (delivery_id);

-- A worker owns what it leased until leased_until, which its heartbeat moves on.
CREATE TABLE workers (
  id            uuid PRIMARY KEY,
  leased_until  timestamptz NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE leases (
  id            uuid PRIMARY KEY,
  worker_id     uuid NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
  delivery_ids  uuid[] NOT NULL
);
CREATE INDEX leases_worker ON leases (worker_id);

-- What lets a webhook's waiting deliveries through, for all workers: the earliest known due time, the circuit breaker, the rate limit.
CREATE TABLE gates (
  webhook_id     uuid PRIMARY KEY REFERENCES webhooks (id) ON DELETE CASCADE,
  due_at         timestamptz,
  failures       integer NOT NULL DEFAULT 0,
  openings       integer NOT NULL DEFAULT 0,
  open_until     timestamptz,
  failing_since  timestamptz,
  permits        double precision NOT NULL DEFAULT 0,
  permits_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX gates_due ON gates (due_at) WHERE due_at IS NOT NULL;

CREATE FUNCTION open_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gates (webhook_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER webhooks_open_gate AFTER INSERT ON webhooks FOR EACH ROW EXECUTE FUNCTION open_gate();
`;

const STATISTICS_TABLES = `
CREATE TABLE webhook_stats (
  webhook_id      uuid NOT NULL,
  hour            timestamptz NOT NULL,
  store_id        uuid NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  delivered       integer NOT NULL DEFAULT 0,
  failed_attempts integer NOT NULL DEFAULT 0,
  failed          integer NOT NULL DEFAULT 0,
  duration_ms     double precision NOT NULL DEFAULT 0,
  PRIMARY KEY (webhook_id, hour)
) WITH (fillfactor = 70);
CREATE INDEX webhook_stats_store ON webhook_stats (store_id, hour);

CREATE TABLE api_key_usage (
  api_key_id  uuid NOT NULL,
  hour        timestamptz NOT NULL,
  operation   text NOT NULL,
  allowed     integer NOT NULL DEFAULT 0,
  refused     integer NOT NULL DEFAULT 0,
  PRIMARY KEY (api_key_id, hour, operation)
) WITH (fillfactor = 70);
`;
