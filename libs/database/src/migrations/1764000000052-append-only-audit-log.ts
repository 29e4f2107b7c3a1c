import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log takes entries and gives none up: the database refuses to change, delete or truncate them. */
export class AppendOnlyAuditLog1764000000052 implements MigrationInterface {
  readonly name = 'AppendOnlyAuditLog1764000000052';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(APPEND_ONLY);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}

const APPEND_ONLY = `
CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE INDEX audit_log_object ON audit_log (store_id, object_id, id);
`;
