import {
  bigintArray,
  booleanArray,
  byteaArray,
  float8Array,
  intArray,
  realArray,
  smallintArray,
  textArray,
  timestampArray,
  uuidArray,
} from './binary-array';

/** A column of rows that a statement is given. */
export interface Column<Row> {
  /** Its type in SQL. */
  readonly type: string;
  /** Its values, one for each row, as a parameter of the type's array. */
  readonly arrayOf: (rows: readonly Row[]) => Buffer;
}

/** The columns of rows, by name. */
export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

function columnOf<T>(
  type: string,
  arrayOf: <R>(rows: readonly R[], of: (row: R, index: number) => T | null) => Buffer,
) {
  return <Row>(of: (row: Row, index: number) => T | null): Column<Row> => ({
    type,
    arrayOf: (rows) => arrayOf(rows, of),
  });
}

/** Makes a column of what a function gives for each row; null is NULL. */
export const column = {
  uuid: columnOf('uuid', uuidArray),
  text: columnOf('text', textArray),
  bytea: columnOf('bytea', byteaArray),
  boolean: columnOf('boolean', booleanArray),
  smallint: columnOf('smallint', smallintArray),
  int: columnOf('int', intArray),
  bigint: columnOf('bigint', bigintArray),
  timestamptz: columnOf('timestamptz', timestampArray),
  real: columnOf('real', realArray),
  float8: columnOf('float8', float8Array),
};
