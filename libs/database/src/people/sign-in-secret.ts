import { randomBytes } from 'node:crypto';
import { type KeyRing, open, seal, sealedKeyId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';

const SECRET_BYTES = 32;
const BINDING = 'sign_in_secret';

/**
 * The secret that the sign-in library signs cookies and encrypts second factors with: made once, the same in all processes, and sealed at
 * rest. It stays the same when the key ring changes.
 */
export async function readSignInSecret(sql: SqlRunner, ring: KeyRing): Promise<string> {
  const fresh = randomBytes(SECRET_BYTES).toString('base64url');
  await sql.run(KEEP_FIRST, [seal(ring, fresh, BINDING)]);
  const [row] = await sql.run<{ sealed: string }>(READ, []);
  if (row === undefined) throw new Error('The secret of the sign-in library is not there.');
  return open(ring, row.sealed, BINDING);
}

/**
 * Seals the secret anew with the ring's first key, where another one sealed it. The secret stays what it is.
 *
 * @throws SignpostError `secret_unreadable` when no key of the ring opens it
 */
export async function rewrapSignInSecret(sql: SqlRunner, ring: KeyRing): Promise<void> {
  const [row] = await sql.run<{ sealed: string }>(READ, []);
  if (row === undefined || sealedKeyId(row.sealed) === ring.primaryId) return;
  await sql.run(REWRAP, [row.sealed, seal(ring, open(ring, row.sealed, BINDING), BINDING)]);
}

const KEEP_FIRST: Statement = {
  name: 'keep_first_sign_in_secret',
  text: 'INSERT INTO sign_in_secret (sealed) VALUES ($1) ON CONFLICT DO NOTHING',
};
const REWRAP: Statement = {
  name: 'rewrap_sign_in_secret',
  text: 'UPDATE sign_in_secret SET sealed = $2 WHERE sealed = $1',
};
const READ: Statement = { name: 'read_sign_in_secret', text: 'SELECT sealed FROM sign_in_secret' };
