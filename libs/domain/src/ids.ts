import { randomFillSync } from 'node:crypto';

/** The prefix of each kind of id on the wire: `evt_01h455vb4pex5vsknk084sn02q`. */
export const ID_PREFIXES = {
  store: 'str',
  apiKey: 'key',
  webhook: 'whk',
  event: 'evt',
  delivery: 'dlv',
  attempt: 'att',
  batch: 'bat',
  lease: 'lse',
  recovery: 'rec',
  audit: 'aud',
  worker: 'wrk',
  person: 'psn',
  invitation: 'inv',
  portal: 'prt',
} as const;

declare const brand: unique symbol;
/** A `Base` that the compiler does not mix up with another `Base` of a different brand; at run time it is a plain `Base`. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type IdKind = keyof typeof ID_PREFIXES;
/** Inside Signpost an id is a lower-case UUID string; {@link encodeId} makes its wire form. */
export type IdOf<K extends IdKind> = Brand<string, K>;
export type StoreId = IdOf<'store'>;
export type ApiKeyId = IdOf<'apiKey'>;
export type WebhookId = IdOf<'webhook'>;
export type EventId = IdOf<'event'>;
export type DeliveryId = IdOf<'delivery'>;
export type AttemptId = IdOf<'attempt'>;
export type BatchId = IdOf<'batch'>;
export type LeaseId = IdOf<'lease'>;
export type RecoveryId = IdOf<'recovery'>;
export type AuditId = IdOf<'audit'>;
export type WorkerId = IdOf<'worker'>;
export type PersonId = IdOf<'person'>;
export type InvitationId = IdOf<'invitation'>;
/** A portal's link, or the session that it opened. */
export type PortalId = IdOf<'portal'>;

const ENTROPY_BYTES = 10;
const MAX_TIME_MS = 2 ** 48 - 1;
const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HYPHENS = /-/g;

// One system call fills the pool for 1,024 ids; a used byte is never used again.
const pool = Buffer.alloc(ENTROPY_BYTES * 1024);
let poolOffset = pool.length;

function takeEntropy(): string {
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const start = poolOffset;
  poolOffset += ENTROPY_BYTES;
  return pool.toString('hex', start, poolOffset);
}

function timeHex(timeMs: number): string {
  return timeMs.toString(16).padStart(12, '0');
}

/**
 * Mints a UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits.
 *
 * @param kind what the id names; only the type carries it, the UUID does not.
 * @param nowMs milliseconds since 1970, a fraction is dropped.
 * @param entropy exactly 10 bytes; left out, they come from the system's random source.
 * @throws RangeError when the time does not fit 48 bits or the entropy has another length: both are faults of the caller.
 */
export function mintId<K extends IdKind>(kind: K, nowMs: number, entropy?: Uint8Array): IdOf<K> {
  if (!(nowMs >= 0 && nowMs <= MAX_TIME_MS)) throw new RangeError(`Not a time for a ${kind} id: ${nowMs}`);
  if (entropy !== undefined && entropy.length !== ENTROPY_BYTES) {
    throw new RangeError(`A ${kind} id needs ${ENTROPY_BYTES} bytes of entropy, not ${entropy.length}`);
  }
  const time = timeHex(Math.floor(nowMs));
  const random = entropy === undefined ? takeEntropy() : Buffer.from(entropy).toString('hex');
  // The first digit gives way to the version (7), two bits of the fifth to the variant (binary 10).
  const variant = '89ab'[Number.parseInt(random[4] ?? '0', 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(1, 4)}-${variant}${random.slice(5, 8)}-${random.slice(8)}` as IdOf<K>;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX_PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const DIGIT_VALUES = new Map([...ALPHABET].map((digit, value) => [digit, value]));

/** 26 digits of 5 bits hold the 128 bits and 2 zero bits before them. From the right, 5 hex digits make 4 base32 digits. */
function encodeSuffix(hex: string): string {
  let suffix = '';
  for (let end = hex.length; end > 0; end -= 5) {
    const group = Number.parseInt(hex.slice(Math.max(0, end - 5), end), 16);
    const digits =
      (ALPHABET[(group >> 15) & 31] ?? '') +
      (ALPHABET[(group >> 10) & 31] ?? '') +
      (ALPHABET[(group >> 5) & 31] ?? '') +
      (ALPHABET[group & 31] ?? '');
    suffix = digits + suffix;
  }
  return suffix.slice(-26);
}

function decodeSuffix(suffix: string): string {
  let hex = '';
  for (let end = suffix.length; end > 0; end -= 4) {
    let group = 0;
    for (const digit of suffix.slice(Math.max(0, end - 4), end)) group = group * 32 + (DIGIT_VALUES.get(digit) ?? 0);
    hex = group.toString(16).padStart(5, '0') + hex;
  }
  return hex.slice(-32);
}

/**
 * The wire form of an id: prefix, `_`, 26 digits of Crockford base32 (TypeID 0.3.0).
 *
 * @throws RangeError when `id` is not a lower-case UUID: ids are minted or decoded in this file, so that is a fault.
 */
export function encodeId<K extends IdKind>(kind: K, id: IdOf<K>): string {
  if (!UUID_PATTERN.test(id)) throw new RangeError(`Not the id of a ${kind}: ${id}`);
  return `${ID_PREFIXES[kind]}_${encodeSuffix(id.replace(HYPHENS, ''))}`;
}

/**
 * Reads the wire form of an id of one kind.
 *
 * @returns the id, or null for everything that {@link encodeId} would not have written for this kind: another prefix,
 *   capitals, a wrong length, a digit outside the alphabet, more than 128 bits.
 */
export function decodeId<K extends IdKind>(kind: K, text: string): IdOf<K> | null {
  const prefix = ID_PREFIXES[kind];
  if (text.length !== prefix.length + 27 || !text.startsWith(`${prefix}_`)) return null;
  const suffix = text.slice(prefix.length + 1);
  if (!SUFFIX_PATTERN.test(suffix)) return null;
  const hex = decodeSuffix(suffix);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as IdOf<K>;
}

/** When an id was minted, in milliseconds since 1970: the first 48 bits of a UUIDv7. */
export function idTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/**
 * The smallest UUIDv7 of a millisecond: every id minted at `timeMs` or later is ≥ it, every earlier one is smaller.
 * For partition bounds and since/until filters; times outside the range of UUIDv7 are moved to its ends.
 */
export function idLowerBound(timeMs: number): string {
  const time = timeHex(Math.min(Math.max(Math.ceil(timeMs), 0), MAX_TIME_MS));
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
