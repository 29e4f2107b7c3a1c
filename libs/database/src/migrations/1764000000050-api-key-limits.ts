import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Limits of API keys (until when, from where, how fast), and triggers that tell a change of a key from a new wrapping of its secrets. */
export class ApiKeyLimits1764000000050 implements MigrationInterface {
  readonly name = 'ApiKeyLimits1764000000050';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [LIMITS, CHANGE_TRIGGERS]) await runner.query(part);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const LIMITS = `
ALTER TABLE api_keys
  -- From this moment on the key neither authenticates nor signs; NULL: it does not expire.
  ADD COLUMN expires_at timestamptz,
  -- Networks in CIDR notation that the key may be used from; NULL: from anywhere.
  ADD COLUMN allowed_cidrs text[] CHECK (cardinality(allowed_cidrs) > 0),
  -- Requests per second, on all API processes together; NULL: as the configuration says.
  ADD COLUMN rate_limit integer CHECK (rate_limit > 0);
`;

const CHANGE_TRIGGERS = `
-- What a key is, without how its secrets are wrapped: with another key of the ring they are the same secrets. (A rotation also sets
-- rotated_at.)
CREATE FUNCTION api_key_facts(api_keys) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT to_jsonb($1) - ARRAY['key_sealed', 'secret_sealed', 'previous_secret_sealed']
$$;

DROP TRIGGER api_keys_bump ON api_keys;
CREATE TRIGGER api_keys_bump BEFORE UPDATE ON api_keys
  FOR EACH ROW WHEN (api_key_facts(OLD) IS DISTINCT FROM api_key_facts(NEW)) EXECUTE FUNCTION bump_own_version();

DROP TRIGGER api_keys_bump_store ON api_keys;
CREATE TRIGGER api_keys_bump_store AFTER INSERT OR DELETE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION bump_store_version();
CREATE TRIGGER api_keys_change_bump_store AFTER UPDATE ON api_keys
  FOR EACH ROW WHEN (api_key_facts(OLD) IS DISTINCT FROM api_key_facts(NEW)) EXECUTE FUNCTION bump_store_version();
`;
