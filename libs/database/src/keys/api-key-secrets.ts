import { type ApiKeyId, type KeyRing, open, seal } from '@signpost/domain';

/** The columns of `api_keys` that hold something sealed. */
export type SealedKeyColumn = 'key' | 'secret' | 'previous_secret';

/** Seals the text of one column of one API key, so that it opens in no other row or column. */
export function sealKeySecret(ring: KeyRing, id: ApiKeyId, column: SealedKeyColumn, plaintext: string): string {
  return seal(ring, plaintext, rowBinding(id, column));
}

/** @throws SignpostError `secret_unreadable` when it was changed, moved to another row or column, or its key is not in the ring */
export function openKeySecret(ring: KeyRing, id: ApiKeyId, column: SealedKeyColumn, sealed: string): string {
  return open(ring, sealed, rowBinding(id, column));
}

function rowBinding(id: ApiKeyId, column: SealedKeyColumn): string {
  return `api_keys:${id}:${column}`;
}
