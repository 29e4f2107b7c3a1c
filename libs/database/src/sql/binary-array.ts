import { writeUuidBytes } from '@signpost/domain';

/**
 * Arrays of the hot path's statements, as PostgreSQL reads them without parsing (`array_recv`): the driver sends a Buffer as a binary
 * parameter. As text, each payload would be escaped here and unescaped there, and each id spelled out.
 *
 * Source: src/backend/utils/adt/arrayfuncs.c, and the `recv` function of each type.
 */

/** Makes an array of what `of` gives for each row, in their order. */
type ArrayOf<T> = <R>(rows: readonly R[], of: (row: R, index: number) => T | null) => Buffer;

/** How the elements of one type are written. */
interface ElementType<T> {
  readonly oid: number;
  /** How many bytes an element takes at most. */
  readonly room: number | ((value: T) => number);
  /** Writes an element into the draft, in which there is room for it, and returns how many bytes it took. */
  readonly write: (value: T, at: number) => number;
}

/** Dimensions, whether there are nulls, the element type; then for the one dimension its size and its first index. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;

/** The buffer in which an array is written. One is enough, because nothing interrupts the writing, and no `of` makes another array. */
let draft = newDraft();
/** Up to this size a draft is kept, and a copy of the array is handed out; a larger one is handed out itself. */
const KEPT_BYTES_MAX = 2 * 1024 * 1024;

function arrayOf<T>({ oid, room, write }: ElementType<T>): ArrayOf<T> {
  return (rows, of) => {
    let at = HEADER_BYTES;
    let nulls = 0;
    for (const [index, row] of rows.entries()) {
      const value = of(row, index);
      const bytes = value === null ? 0 : typeof room === 'number' ? room : room(value);
      if (at + LENGTH_BYTES + bytes > draft.length) enlarge(at, at + LENGTH_BYTES + bytes);
      const length = value === null ? NULL_LENGTH : write(value, at + LENGTH_BYTES);
      draft.writeInt32BE(length, at);
      at += LENGTH_BYTES;
      if (value === null) nulls += 1;
      else at += length;
    }
    draft.writeInt32BE(1, 0);
    draft.writeInt32BE(nulls > 0 ? 1 : 0, 4);
    draft.writeInt32BE(oid, 8);
    draft.writeInt32BE(rows.length, 12);
    draft.writeInt32BE(1, 16);
    const array = draft.subarray(0, at);
    if (draft.length <= KEPT_BYTES_MAX) return Buffer.from(array);
    draft = newDraft();
    return array;
  };
}

function newDraft(): Buffer {
  return Buffer.allocUnsafeSlow(64 * 1024);
}

function enlarge(writtenBytes: number, neededBytes: number): void {
  const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, draft.length * 2));
  draft.copy(larger, 0, 0, writtenBytes);
  draft = larger;
}

/** `uuid[]`, of ids: lower-case, with hyphens. */
export const uuidArray = arrayOf<string>({
  oid: 2950,
  room: 16,
  write: (value, at) => {
    if (!writeUuidBytes(value, draft, at)) throw new RangeError(`Not an id: ${value}`);
    return 16;
  },
});

/** Up to this many characters, a call of the engine's own function takes longer than doing its work here. */
const SHORT_TEXT = 40;
/** How many bytes of UTF-8 a UTF-16 code unit takes at most. */
const UTF8_BYTES_MAX = 3;

/** `text[]` */
export const textArray = arrayOf<string>({
  oid: 25,
  room: (value) => (value.length <= SHORT_TEXT ? value.length * UTF8_BYTES_MAX : Buffer.byteLength(value)),
  write: (value, at) => (value.length <= SHORT_TEXT && writeAscii(value, at) ? value.length : draft.write(value, at)),
});

/** Whether the text is ASCII; if so, it is written now. */
function writeAscii(text: string, at: number): boolean {
  let codes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    codes |= code;
    draft[at + index] = code;
  }
  return codes < 0x80;
}

/** `bytea[]` */
export const byteaArray = arrayOf<Uint8Array>({
  oid: 17,
  room: (value) => value.length,
  write: (value, at) => {
    draft.set(value, at);
    return value.length;
  },
});

/** `boolean[]` */
export const booleanArray = arrayOf<boolean>({
  oid: 16,
  room: 1,
  write: (value, at) => draft.writeUInt8(value ? 1 : 0, at) - at,
});

/** `smallint[]` */
export const smallintArray = arrayOf<number>({
  oid: 21,
  room: 2,
  write: (value, at) => draft.writeInt16BE(value, at) - at,
});

/** `int[]` */
export const intArray = arrayOf<number>({
  oid: 23,
  room: 4,
  write: (value, at) => draft.writeInt32BE(value, at) - at,
});

/** `bigint[]`, of integers as the driver returns them: as text. */
export const bigintArray = arrayOf<string>({
  oid: 20,
  room: 8,
  write: (value, at) => draft.writeBigInt64BE(BigInt(value), at) - at,
});

/** PostgreSQL counts from here, in milliseconds since 1970. */
const YEAR_2000_MS = Date.UTC(2000, 0, 1);
const TWO_TO_32 = 2 ** 32;

/** `timestamptz[]`, of milliseconds since 1970; a fraction of a microsecond is dropped. */
export const timestampArray = arrayOf<number>({
  oid: 1184,
  room: 8,
  write: (value, at) => {
    if (!Number.isFinite(value)) throw new RangeError(`Not a time: ${value}`);
    // Microseconds are more than a number holds exactly, so that they are put together from two halves.
    const ms = value - YEAR_2000_MS;
    const high = Math.floor(ms / TWO_TO_32);
    const low = Math.floor((ms - high * TWO_TO_32) * 1_000);
    const carried = Math.floor(low / TWO_TO_32);
    draft.writeInt32BE(high * 1_000 + carried, at);
    return draft.writeUInt32BE(low - carried * TWO_TO_32, at + 4) - at;
  },
});

/** `real[]` */
export const realArray = arrayOf<number>({
  oid: 700,
  room: 4,
  write: (value, at) => draft.writeFloatBE(value, at) - at,
});

/** `float8[]` */
export const float8Array = arrayOf<number>({
  oid: 701,
  room: 8,
  write: (value, at) => draft.writeDoubleBE(value, at) - at,
});
