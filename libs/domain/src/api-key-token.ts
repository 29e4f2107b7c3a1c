import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SignpostError } from './signpost-error';

const KEY_PREFIX = 'spk_';
const SECRET_PREFIX = 'whsec_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARS = 30;
const CHECKSUM_CHARS = 6;
const ENTROPY_BYTES = 32;
const KEY_PATTERN = /^spk_[0-9A-Za-z]{36}$/;
const BULLETS = '••••••••';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

/** CRC-32 (ISO 3309, as in zip and PNG) of an ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: bigint, chars: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < chars; i += 1) {
    text = (BASE62[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}

/** Entropy of any other length is a fault: it is neither padded nor cut. */
function requireEntropy(entropy: Uint8Array): Buffer {
  if (entropy.length !== ENTROPY_BYTES) throw new RangeError(`Needs ${ENTROPY_BYTES} bytes of entropy`);
  return Buffer.from(entropy);
}

/**
 * Makes a new public key: `spk_`, 30 random base62 characters (178 bits), 6 characters of CRC-32 over all before them.
 * The 256 bits that are reduced to 30 characters leave a bias below 2^-77.
 *
 * @param entropy exactly 32 bytes; left out, the system's random source.
 */
export function mintKey(entropy: Uint8Array = randomBytes(ENTROPY_BYTES)): string {
  const body = KEY_PREFIX + base62(BigInt(`0x${requireEntropy(entropy).toString('hex')}`), RANDOM_CHARS);
  return body + base62(BigInt(crc32(body)), CHECKSUM_CHARS);
}

/** Whether a text has the form of a key and its checksum fits, so that a typo never costs a look-up in the database. */
export function isWellFormedKey(text: string): boolean {
  if (!KEY_PATTERN.test(text)) return false;
  const split = text.length - CHECKSUM_CHARS;
  return base62(BigInt(crc32(text.slice(0, split))), CHECKSUM_CHARS) === text.slice(split);
}

/**
 * Makes a new signing secret: `whsec_` and the base64 of 32 random bytes (Standard Webhooks 1.0, symmetric signatures).
 *
 * @param entropy exactly 32 bytes; left out, the system's random source.
 */
export function mintSecret(entropy: Uint8Array = randomBytes(ENTROPY_BYTES)): string {
  return SECRET_PREFIX + requireEntropy(entropy).toString('base64');
}

/**
 * The bytes that sign: the decoded part behind `whsec_`, 24 to 64 bytes (Standard Webhooks 1.0). They have memory of their own: as part of
 * the 8 KB that small buffers share, each secret that is kept would keep all of it.
 *
 * @throws SignpostError `secret_unreadable` for anything else; the message never holds the secret.
 */
export function secretBytes(secret: string): Buffer {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < 24 || bytes.length > 64 || bytes.toString('base64') !== encoded) {
    throw new SignpostError('secret_unreadable', 'A signing secret is "whsec_" and the base64 of 24 to 64 bytes.');
  }
  return Buffer.from(Uint8Array.from(bytes).buffer);
}

/** SHA-256 of a key: what the database stores and looks keys up by. Keys are random, so no salt or stretching is needed. */
export function hashKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

/** A key for lists and logs: its last four characters (part of the checksum) tell keys apart and give nothing away. */
export function maskKey(key: string): string {
  return `${KEY_PREFIX}${BULLETS}${key.length === KEY_PREFIX.length + RANDOM_CHARS + CHECKSUM_CHARS ? key.slice(-4) : ''}`;
}

/** A secret for lists and logs. Takes the secret so that callers read alike, shows nothing of it, not even its length. */
export function maskSecret(_secret: string): string {
  return SECRET_PREFIX + BULLETS;
}

/** Whether two secrets are equal, in a time that tells neither where they differ nor how long they are. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashKey(a), hashKey(b));
}
