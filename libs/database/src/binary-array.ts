import { writeUuidBytes } from '@signpost/domain';

/**
 * Arrays of the hot path's statements, as PostgreSQL reads them without parsing (`array_recv`): the driver sends a Buffer as a binary
 * parameter. As text, each payload would be escaped here and unescaped there, and each id spelled out.
 *
 * Source: src/backend/utils/adt/arrayfuncs.c, and the `recv` function of each type.
 */

type Values<T> = readonly (T | null)[];

/** How the elements of one type are written. */
interface ElementType<T> {
  readonly oid: number;
  /** How long each element is, or one of them. */
  readonly bytes: number | ((value: T) => number);
  readonly write: (target: Buffer, value: T, at: number, bytes: number) => void;
}

/** Dimensions, whether there are nulls, the element type; then for the one dimension its size and its first index. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** The lengths of an array's elements while it is written, which nothing interrupts. */
let lengths = new Int32Array(1_024);

function arrayOf<T>({ oid, bytes, write }: ElementType<T>): (values: Values<T>) => Buffer {
  return (values) => {
    if (lengths.length < values.length) lengths = new Int32Array(values.length * 2);
    let size = HEADER_BYTES + LENGTH_BYTES * values.length;
    let nulls = 0;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? null;
      const length = value === null ? NULL_LENGTH : typeof bytes === 'number' ? bytes : bytes(value);
      lengths[index] = length;
      if (length === NULL_LENGTH) nulls += 1;
      else size += length;
    }
    const target = Buffer.allocUnsafe(size);
    target.writeInt32BE(1, 0);
    target.writeInt32BE(nulls > 0 ? 1 : 0, 4);
    target.writeInt32BE(oid, 8);
    target.writeInt32BE(values.length, 12);
    target.writeInt32BE(1, 16);
    let at = HEADER_BYTES;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? null;
      const length = lengths[index] ?? NULL_LENGTH;
      target.writeInt32BE(length, at);
      at += LENGTH_BYTES;
      if (value === null) continue;
      write(target, value, at, length);
      at += length;
    }
    return target;
  };
}

/** `uuid[]`, of ids: lower-case, with hyphens. */
export const uuidArray = arrayOf<string>({
  oid: 2950,
  bytes: 16,
  write: (target, value, at) => {
    if (!writeUuidBytes(value, target, at)) throw new RangeError(`Not an id: ${value}`);
  },
});

/** Up to so many characters it takes longer to call the engine's own functions than to do without them. */
const SHORT_TEXT = 40;

/** `text[]` */
export const textArray = arrayOf<string>({
  oid: 25,
  bytes: (value) => (isShortAscii(value) ? value.length : Buffer.byteLength(value)),
  write: (target, value, at, bytes) => {
    // Where a short text has as many bytes as characters, all of them are ASCII.
    if (bytes > SHORT_TEXT || bytes !== value.length) target.write(value, at);
    else for (let index = 0; index < bytes; index += 1) target[at + index] = value.charCodeAt(index);
  },
});

function isShortAscii(text: string): boolean {
  if (text.length > SHORT_TEXT) return false;
  let codes = 0;
  for (let index = 0; index < text.length; index += 1) codes |= text.charCodeAt(index);
  return codes < 0x80;
}

/** `bytea[]` */
export const byteaArray = arrayOf<Uint8Array>({
  oid: 17,
  bytes: (value) => value.length,
  write: (target, value, at) => target.set(value, at),
});

/** `boolean[]` */
export const booleanArray = arrayOf<boolean>({
  oid: 16,
  bytes: 1,
  write: (target, value, at) => void target.writeUInt8(value ? 1 : 0, at),
});

/** `smallint[]` */
export const smallintArray = arrayOf<number>({
  oid: 21,
  bytes: 2,
  write: (target, value, at) => void target.writeInt16BE(value, at),
});

/** `int[]` */
export const intArray = arrayOf<number>({
  oid: 23,
  bytes: 4,
  write: (target, value, at) => void target.writeInt32BE(value, at),
});

/** `bigint[]`, of integers as the driver returns them: as text. */
export const bigintArray = arrayOf<string>({
  oid: 20,
  bytes: 8,
  write: (target, value, at) => void target.writeBigInt64BE(BigInt(value), at),
});

/** `real[]` */
export const realArray = arrayOf<number>({
  oid: 700,
  bytes: 4,
  write: (target, value, at) => void target.writeFloatBE(value, at),
});

/** `float8[]` */
export const float8Array = arrayOf<number>({
  oid: 701,
  bytes: 8,
  write: (target, value, at) => void target.writeDoubleBE(value, at),
});
