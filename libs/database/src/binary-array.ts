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
  readonly bytesOf: (value: T) => number;
  readonly write: (target: Buffer, value: T, at: number) => void;
}

/** Dimensions, whether there are nulls, the element type; then for the one dimension its size and its first index. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

function arrayOf<T>(type: ElementType<T>): (values: Values<T>) => Buffer {
  return (values) => {
    const lengths = values.map((value) => (value === null ? NULL_LENGTH : type.bytesOf(value)));
    const bytes = lengths.reduce((sum, length) => sum + LENGTH_BYTES + Math.max(length, 0), HEADER_BYTES);
    const target = Buffer.allocUnsafe(bytes);
    target.writeInt32BE(1, 0);
    target.writeInt32BE(lengths.includes(NULL_LENGTH) ? 1 : 0, 4);
    target.writeInt32BE(type.oid, 8);
    target.writeInt32BE(values.length, 12);
    target.writeInt32BE(1, 16);
    let at = HEADER_BYTES;
    values.forEach((value, index) => {
      const length = lengths[index] ?? NULL_LENGTH;
      target.writeInt32BE(length, at);
      at += LENGTH_BYTES;
      if (value === null) return;
      type.write(target, value, at);
      at += length;
    });
    return target;
  };
}

/** `uuid[]`, of ids in their usual spelling. */
export const uuidArray = arrayOf<string>({
  oid: 2950,
  bytesOf: () => 16,
  write: (target, value, at) => void writeUuidBytes(value, target, at),
});

/** `text[]` */
export const textArray = arrayOf<string>({
  oid: 25,
  bytesOf: (value) => Buffer.byteLength(value),
  write: (target, value, at) => void target.write(value, at),
});

/** `bytea[]` */
export const byteaArray = arrayOf<Uint8Array>({
  oid: 17,
  bytesOf: (value) => value.length,
  write: (target, value, at) => target.set(value, at),
});

/** `boolean[]` */
export const booleanArray = arrayOf<boolean>({
  oid: 16,
  bytesOf: () => 1,
  write: (target, value, at) => void target.writeUInt8(value ? 1 : 0, at),
});

/** `smallint[]` */
export const smallintArray = arrayOf<number>({
  oid: 21,
  bytesOf: () => 2,
  write: (target, value, at) => void target.writeInt16BE(value, at),
});

/** `int[]` */
export const intArray = arrayOf<number>({
  oid: 23,
  bytesOf: () => 4,
  write: (target, value, at) => void target.writeInt32BE(value, at),
});

/** `bigint[]`, of integers as the driver returns them: as text. */
export const bigintArray = arrayOf<string>({
  oid: 20,
  bytesOf: () => 8,
  write: (target, value, at) => void target.writeBigInt64BE(BigInt(value), at),
});

/** `real[]` */
export const realArray = arrayOf<number>({
  oid: 700,
  bytesOf: () => 4,
  write: (target, value, at) => void target.writeFloatBE(value, at),
});

/** `float8[]` */
export const float8Array = arrayOf<number>({
  oid: 701,
  bytesOf: () => 8,
  write: (target, value, at) => void target.writeDoubleBE(value, at),
});
