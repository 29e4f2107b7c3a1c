import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An address has one invitation into a store, also when it is invited twice at the same moment; the newest one stays. */
export class OneInvitationOfAnAddress1764000000160 implements MigrationInterface {
  readonly name = 'OneInvitationOfAnAddress1764000000160';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Nobody adds another one before the index is there.
LOCK TABLE invitations IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM invitations older USING invitations newer
WHERE older.store_id = newer.store_id AND older.email = newer.email
  AND (older.created_at, older.id) < (newer.created_at, newer.id);
CREATE UNIQUE INDEX invitations_address ON invitations (store_id, email);
`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only: restore a backup to go back.'));
  }
}
