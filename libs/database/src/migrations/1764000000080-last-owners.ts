import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A live store that has an owner keeps one, whatever takes roles and people away. */
export class LastOwners1764000000080 implements MigrationInterface {
  readonly name = 'LastOwners1764000000080';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LAST_OWNERS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const LAST_OWNERS = `
CREATE FUNCTION keep_last_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- One after the other: the second of two owners who go at the same moment sees that the first one is gone.
  PERFORM FROM stores WHERE id = OLD.store_id AND deleted_at IS NULL FOR NO KEY UPDATE;
  IF FOUND AND NOT EXISTS (SELECT FROM memberships WHERE store_id = OLD.store_id AND role = 'owner') THEN
    RAISE EXCEPTION 'A store keeps an owner.'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'memberships_last_owner';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER memberships_last_owner_removed AFTER DELETE ON memberships
  FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION keep_last_owner();
CREATE TRIGGER memberships_last_owner_demoted AFTER UPDATE ON memberships
  FOR EACH ROW WHEN (OLD.role = 'owner' AND NEW.role <> 'owner') EXECUTE FUNCTION keep_last_owner();
`;
