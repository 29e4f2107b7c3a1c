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
  request: 'req',
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
const UUID_LENGTH = 36;
const HYPHEN = 0x2d;
/** Where each byte's two digits begin in a UUID, between the hyphens. */
const UUID_DIGITS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const UUID_HYPHENS = [8, 13, 18, 23] as const;

const HEX = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));
const NO_DIGIT = 0xff;
/** The value of each lower-case hex digit, by its character code. */
const HEX_VALUE = new Uint8Array(256).fill(NO_DIGIT);
HEX.forEach((charCode, value) => (HEX_VALUE[charCode] = value));

// One system call fills the pool for 1,024 ids; a used byte is never used again.
const pool = Buffer.alloc(ENTROPY_BYTES * 1024);
let poolOffset = pool.length;

/** @returns where in the pool the next 10 unused bytes begin */
function takeEntropy(): number {
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  poolOffset += ENTROPY_BYTES;
  return poolOffset - ENTROPY_BYTES;
}

function timeHex(timeMs: number): string {
  return timeMs.toString(16).padStart(12, '0');
}

// Ids are put together in these buffers, several for every delivery: joining pieces of text takes two to four times as long.
const bytes = new Uint8Array(16);
const uuidText = Buffer.alloc(UUID_LENGTH, HYPHEN);

function uuidOfBytes(): string {
  for (let byte = 0; byte < 16; byte += 1) {
    const at = UUID_DIGITS[byte] ?? 0;
    const value = bytes[byte] ?? 0;
    uuidText[at] = HEX[value >> 4] ?? 0;
    uuidText[at + 1] = HEX[value & 15] ?? 0;
  }
  return uuidText.toString('latin1');
}

/** Looked up once. Otherwise V8 would look the method up for each digit, because ids are strings of several of its representations. */
const charCodeAt = Reflect.get(String.prototype, 'charCodeAt');

/**
 * Writes the 16 bytes of a UUID.
 *
 * @returns whether the text is a UUID in its usual spelling: lower-case, with hyphens. If not, the bytes that were written are of no use.
 */
export function writeUuidBytes(uuid: string, target: Uint8Array, start = 0): boolean {
  let isUuid = uuid.length === UUID_LENGTH;
  for (const at of UUID_HYPHENS) isUuid &&= charCodeAt.call(uuid, at) === HYPHEN;
  let digits = 0;
  for (let byte = 0; byte < 16; byte += 1) {
    const at = UUID_DIGITS[byte] ?? 0;
    const high = HEX_VALUE[charCodeAt.call(uuid, at)] ?? NO_DIGIT;
    const low = HEX_VALUE[charCodeAt.call(uuid, at + 1)] ?? NO_DIGIT;
    digits |= high | low;
    target[start + byte] = (high << 4) | low;
  }
  return isUuid && digits < 16;
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
  let time = Math.floor(nowMs);
  for (let byte = 5; byte >= 0; byte -= 1) {
    bytes[byte] = time % 256;
    time = Math.floor(time / 256);
  }
  const random = entropy ?? pool;
  const from = entropy === undefined ? takeEntropy() : 0;
  for (let byte = 0; byte < ENTROPY_BYTES; byte += 1) bytes[6 + byte] = random[from + byte] ?? 0;
  // Four bits give way to the version (7), two to the variant (binary 10).
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return uuidOfBytes() as IdOf<K>;
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX_LENGTH = 26;
const SUFFIX_PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const DIGITS = [...ALPHABET].map((digit) => digit.charCodeAt(0));
/** The value of each digit, by its character code. */
const DIGIT_VALUE = new Uint8Array(256).fill(NO_DIGIT);
DIGITS.forEach((charCode, value) => (DIGIT_VALUE[charCode] = value));

const suffixText = Buffer.alloc(SUFFIX_LENGTH);

/** 26 digits of 5 bits hold the 128 bits of {@link bytes}, and 2 zero bits before them. */
function suffixOfBytes(): string {
  let at = SUFFIX_LENGTH - 1;
  let rest = 0;
  let restBits = 0;
  for (let byte = 15; byte >= 0; byte -= 1) {
    rest |= (bytes[byte] ?? 0) << restBits;
    for (restBits += 8; restBits >= 5; restBits -= 5) {
      suffixText[at] = DIGITS[rest & 31] ?? 0;
      at -= 1;
      rest >>= 5;
    }
  }
  suffixText[0] = DIGITS[rest] ?? 0;
  return suffixText.toString('latin1');
}

function readSuffix(suffix: string): void {
  let byte = 15;
  let rest = 0;
  let restBits = 0;
  for (let at = SUFFIX_LENGTH - 1; at >= 0; at -= 1) {
    rest |= (DIGIT_VALUE[suffix.charCodeAt(at)] ?? 0) << restBits;
    restBits += 5;
    if (restBits < 8) continue;
    bytes[byte] = rest & 0xff;
    byte -= 1;
    rest >>= 8;
    restBits -= 8;
  }
}

/**
 * The wire form of an id: prefix, `_`, 26 digits of Crockford base32 (TypeID 0.3.0).
 *
 * @throws RangeError when `id` is not a lower-case UUID: ids are minted or decoded in this file, so that is a fault.
 */
export function encodeId<K extends IdKind>(kind: K, id: IdOf<K>): string {
  if (!writeUuidBytes(id, bytes)) throw new RangeError(`Not the id of a ${kind}: ${id}`);
  return `${ID_PREFIXES[kind]}_${suffixOfBytes()}`;
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
  readSuffix(suffix);
  return uuidOfBytes() as IdOf<K>;
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
