import { type ApiKeyId, type KeyRing, sealedKeyId, SignpostError } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { openKeySecret, type SealedKeyColumn, sealKeySecret } from './api-key-secrets';

/** How far one step has got. */
export interface RewrapStep {
  /** API keys whose secrets are now sealed with the ring's first key. */
  readonly rewrapped: number;
  /** API keys that were being changed by somebody else; another pass looks at them again. */
  readonly contended: number;
  /** API keys with a secret that does not open: changed, moved, or sealed with a key that the ring lacks. They are left as they are. */
  readonly unreadable: readonly ApiKeyId[];
}

/** API keys looked at in one step. */
const KEYS_PER_STEP = 200;

interface SealedSecrets {
  readonly id: ApiKeyId;
  readonly key: string;
  readonly secret: string;
  readonly previous: string | null;
}

/**
 * Seals anew, with the ring's first key, every secret that another key has sealed; the secrets themselves do not change. One pass in
 * bounded steps, each a transaction of its own: it can be broken off at any time, and the next pass finds what is left. No API key is
 * locked while its secrets are opened, and none that was changed meanwhile is overwritten.
 *
 * A pass has found everything when no step of it was contended.
 *
 * @throws SignpostError `unavailable` when PostgreSQL is away; what was done is kept
 */
export async function* rewrapSecrets(
  sql: SqlRunner,
  ring: KeyRing,
  keysPerStep = KEYS_PER_STEP,
): AsyncGenerator<RewrapStep> {
  for (let after = LOWEST_ID; ;) {
    const found = await sql.run<SealedSecrets>(FIND, [after, ring.primaryId, keysPerStep]);
    const last = found.at(-1);
    if (last === undefined) return;
    const unreadable: ApiKeyId[] = [];
    const pairs = found.flatMap((before) => {
      const now = rewrap(ring, before);
      if (now === null) unreadable.push(before.id);
      return now === null ? [] : [{ before, now }];
    });
    const kept = pairs.length === 0 ? [] : await sql.run<{ id: ApiKeyId }>(KEEP, keepValues(pairs));
    yield { rewrapped: kept.length, contended: pairs.length - kept.length, unreadable };
    after = last.id;
  }
}

/** @returns null when one of them does not open */
function rewrap(ring: KeyRing, { id, key, secret, previous }: SealedSecrets): SealedSecrets | null {
  const anew = (column: SealedKeyColumn, sealed: string): string => {
    // A text that names the first key already is opened too, because it may name the key falsely.
    const plaintext = openKeySecret(ring, id, column, sealed);
    return sealedKeyId(sealed) === ring.primaryId ? sealed : sealKeySecret(ring, id, column, plaintext);
  };
  try {
    return {
      id,
      key: anew('key', key),
      secret: anew('secret', secret),
      previous: previous === null ? null : anew('previous_secret', previous),
    };
  } catch (error) {
    if (error instanceof SignpostError && error.code === 'secret_unreadable') return null;
    throw error;
  }
}

function keepValues(pairs: readonly { readonly before: SealedSecrets; readonly now: SealedSecrets }[]): unknown[] {
  return [
    pairs.map(({ before }) => before.id),
    ...(['key', 'secret', 'previous'] as const).map((column) => pairs.map(({ before }) => before[column])),
    ...(['key', 'secret', 'previous'] as const).map((column) => pairs.map(({ now }) => now[column])),
  ];
}

const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

const FIND: Statement = {
  name: 'find_secrets_to_rewrap',
  text: `
SELECT id, key_sealed AS key, secret_sealed AS secret, previous_secret_sealed AS previous
FROM api_keys
WHERE id > $1 AND (split_part(key_sealed, '.', 2) <> $2 OR split_part(secret_sealed, '.', 2) <> $2
                   OR split_part(previous_secret_sealed, '.', 2) <> $2)
ORDER BY id LIMIT $3`,
};

/** API keys that another transaction has locked are skipped: neither waits for the other. */
const KEEP: Statement = {
  name: 'keep_rewrapped_secrets',
  text: `
WITH r AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS r(id, old_key, old_secret, old_previous, key, secret, previous)
), unchanged AS (
  SELECT k.id FROM api_keys k JOIN r USING (id)
  WHERE k.key_sealed = r.old_key AND k.secret_sealed = r.old_secret AND k.previous_secret_sealed IS NOT DISTINCT FROM r.old_previous
  FOR NO KEY UPDATE OF k SKIP LOCKED
)
UPDATE api_keys k SET key_sealed = r.key, secret_sealed = r.secret, previous_secret_sealed = r.previous
FROM r JOIN unchanged USING (id)
WHERE k.id = r.id
RETURNING k.id`,
};
