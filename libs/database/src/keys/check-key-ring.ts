import { type KeyRing, open, seal, SignpostError } from '@signpost/domain';
import type { SqlRunner } from '../sql/sql-client';

const CANARY = 'signpost';

/**
 * Makes sure, before anything is sealed or opened, that the key ring is the one of this database: each of its keys opens the
 * canary that was sealed with it the first time it was seen, and no stored secret needs a key that is missing.
 *
 * @throws SignpostError `bad_configuration` that names the key id
 */
export async function checkKeyRing(sql: SqlRunner, ring: KeyRing): Promise<void> {
  for (const keyId of ring.keys.keys()) {
    const sealed = seal({ ...ring, primaryId: keyId }, CANARY, canaryBinding(keyId));
    await sql.run(KEEP_FIRST, [keyId, sealed]);
  }
  await compareKeyRing(sql, ring);
}

/**
 * As {@link checkKeyRing}, without making canaries of keys that are new.
 *
 * @throws SignpostError `bad_configuration` that names the key id
 */
export async function compareKeyRing(sql: SqlRunner, ring: KeyRing): Promise<void> {
  const canaries = await sql.run<{ key_id: string; sealed: string; needed: boolean }>(CANARIES, []);
  for (const { key_id: keyId, sealed, needed } of canaries) {
    if (!ring.keys.has(keyId) && needed)
      throw badRing(`lacks the key "${keyId}", with which stored secrets are sealed`);
    if (ring.keys.has(keyId) && !opens(ring, sealed, keyId)) {
      throw badRing(`has another key "${keyId}" than the one that this database knows by that id`);
    }
  }
}

function opens(ring: KeyRing, sealed: string, keyId: string): boolean {
  try {
    return open(ring, sealed, canaryBinding(keyId)) === CANARY;
  } catch (error) {
    if (error instanceof SignpostError && error.code === 'secret_unreadable') return false;
    throw error;
  }
}

function canaryBinding(keyId: string): string {
  return `key_ring_canaries:${keyId}`;
}

function badRing(rule: string): SignpostError {
  return new SignpostError('bad_configuration', `The key ring ${rule}.`);
}

const KEEP_FIRST = {
  name: 'keep_first_canary',
  text: 'INSERT INTO key_ring_canaries (key_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};

const CANARIES = {
  name: 'canaries',
  text: `SELECT key_id, sealed, EXISTS (
           SELECT FROM api_keys WHERE key_id IN (
             split_part(key_sealed, '.', 2), split_part(secret_sealed, '.', 2), split_part(previous_secret_sealed, '.', 2)
           )
         ) OR EXISTS (SELECT FROM sign_in_secret WHERE key_id = split_part(sealed, '.', 2)) AS needed FROM key_ring_canaries`,
};
