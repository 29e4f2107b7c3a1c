import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { SignpostError } from './signpost-error';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_PATTERN = /^[0-9A-Za-z_-]{1,32}$/;

/** The keys that secrets at rest are encrypted with. Key objects show nothing when printed or serialised. */
export interface KeyRing {
  /** The id of the key that encrypts; all of them decrypt. */
  readonly primaryId: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/**
 * Reads a key ring: `id:base64,id2:base64`, the first key encrypts.
 * An id is 1 to 32 letters, digits, `_` or `-`; a key is the base64 (or base64url) of exactly 32 bytes.
 *
 * @throws SignpostError `bad_configuration` that says which entry breaks which rule and never echoes any part of it.
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = new Map<string, KeyObject>();
  for (const [index, entry] of text.trim().split(',').entries()) {
    const [id, material] = splitEntry(entry.trim());
    if (!KEY_ID_PATTERN.test(id)) throw badRing(index, 'must be id:base64, the id of 1 to 32 letters, digits, _ or -');
    if (keys.has(id)) throw badRing(index, 'must have an id of its own');
    const bytes = decodeCanonical(material.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''));
    if (bytes?.length !== KEY_BYTES) throw badRing(index, `must hold the base64 of exactly ${KEY_BYTES} bytes`);
    keys.set(id, createSecretKey(bytes));
  }
  const [primaryId = ''] = keys.keys();
  return Object.freeze({ primaryId, keys });
}

function splitEntry(entry: string): [id: string, material: string] {
  const colon = entry.indexOf(':');
  return colon < 0 ? ['', ''] : [entry.slice(0, colon), entry.slice(colon + 1)];
}

function badRing(index: number, rule: string): SignpostError {
  return new SignpostError('bad_configuration', `Entry ${index + 1} of the key ring ${rule}.`);
}

/**
 * Encrypts a secret with the ring's first key: AES-256-GCM (NIST SP 800-38D), as `v1.keyId.nonce.ciphertext+tag`, the binary parts in
 * base64url.
 *
 * @param associatedData what the secret belongs to (table, column, row); only the same text opens it.
 * @param nonce 12 bytes that this key never encrypted with; left out, random. Only tests pass it.
 */
export function seal(ring: KeyRing, plaintext: string, associatedData: string, nonce?: Uint8Array): string {
  const key = ring.keys.get(ring.primaryId);
  if (key === undefined) throw new SignpostError('bad_configuration', 'The key ring is empty.');
  const iv = nonce ?? randomBytes(NONCE_BYTES);
  if (iv.length !== NONCE_BYTES) throw new RangeError(`A nonce has ${NONCE_BYTES} bytes`);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundData(ring.primaryId, associatedData));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, ring.primaryId, Buffer.from(iv).toString('base64url'), sealed.toString('base64url')].join('.');
}

/**
 * Decrypts what {@link seal} made.
 *
 * @throws SignpostError `secret_unreadable` when the text was changed, cut or moved to another row, or when its key is not
 *   in the ring. The public message is the same for all; the internal one says which, without any part of the secret.
 */
export function open(ring: KeyRing, sealed: string, associatedData: string): string {
  const parts = split(sealed);
  if (parts === null) throw unreadable('The sealed text is malformed.');
  const key = ring.keys.get(parts.keyId);
  if (key === undefined) throw unreadable(`The key ring has no key "${parts.keyId}".`);
  const { nonce, body } = parts;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundData(parts.keyId, associatedData));
  decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
  try {
    const start = decipher.update(body.subarray(0, body.length - TAG_BYTES));
    return Buffer.concat([start, decipher.final()]).toString('utf8');
  } catch {
    throw unreadable(`The sealed text does not fit key "${parts.keyId}" or the row it was found in.`);
  }
}

/** The id of the key that a text was sealed with, or null when the text is not a sealed one. For finding what to re-wrap. */
export function sealedKeyId(sealed: string): string | null {
  return split(sealed)?.keyId ?? null;
}

function split(sealed: string): { keyId: string; nonce: Buffer; body: Buffer } | null {
  const [version, keyId = '', nonceText = '', bodyText = '', ...rest] = sealed.split('.');
  if (version !== VERSION || rest.length > 0 || !KEY_ID_PATTERN.test(keyId)) return null;
  const nonce = decodeCanonical(nonceText);
  const body = decodeCanonical(bodyText);
  if (nonce?.length !== NONCE_BYTES || body === null || body.length < TAG_BYTES) return null;
  return { keyId, nonce, body };
}

/** Base64url that has exactly one spelling: unknown characters and stray bits at the end are refused, not skipped. */
function decodeCanonical(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** The version and the key id are authenticated too; neither holds a dot, so no two inputs give the same bytes. */
function boundData(keyId: string, associatedData: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${associatedData}`, 'utf8');
}

function unreadable(internal: string): SignpostError {
  return new SignpostError('secret_unreadable', 'A stored secret cannot be read with the configured keys.', {
    internal,
  });
}
