import { Client } from 'pg';
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
} from '../../libs/database/src/sql/binary-array';
import { column, type Columns } from '../../libs/database/src/sql/column';
import { StatementParameters } from '../../libs/database/src/sql/statement-parameters';

let client: Client;

beforeAll(async () => {
  client = new Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await client.connect();
});
afterAll(() => client.end());

/** What PostgreSQL makes of an array, spelled out by itself. */
async function spelled(type: string, parameter: unknown): Promise<string> {
  const { rows } = await client.query<{ text: string }>(`SELECT ($1::${type}[])::text AS text`, [parameter]);
  return rows[0]!.text;
}

const itself = <T>(value: T): T => value;

const UUIDS = ['00000000-0000-7000-8000-000000000000', '0192f3ab-cdef-7abc-9def-fedcba987654'];
const TEXTS = [
  '',
  'x'.repeat(40),
  'x'.repeat(41),
  'é'.repeat(40),
  'x'.repeat(39) + '\u007f',
  'x'.repeat(39) + '\u0080',
  'NULL',
  '{"a":"b\\"c"}',
  ' x,y ',
  'naïve ☃ 𝒳',
  '\\\\',
  "'; DROP TABLE events; --",
  '\n\t',
];

const TIMES = [
  '0001-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '1999-12-31T23:59:59.999Z',
  '2000-01-01T00:00:00.000Z',
  '2026-11-29T01:02:03.004Z',
  '9999-12-31T23:59:59.999Z',
];

it.each([
  ['uuid', uuidArray(UUIDS, itself), UUIDS],
  ['text', textArray(TEXTS, itself), TEXTS],
  [
    'bytea',
    byteaArray([Buffer.from([0, 255, 92]), Buffer.alloc(0)], itself),
    [Buffer.from([0, 255, 92]), Buffer.alloc(0)],
  ],
  ['boolean', booleanArray([true, false], itself), [true, false]],
  ['smallint', smallintArray([-32_768, 0, 32_767], itself), [-32_768, 0, 32_767]],
  ['int', intArray([-2_147_483_648, 0, 2_147_483_647], itself), [-2_147_483_648, 0, 2_147_483_647]],
  [
    'bigint',
    bigintArray(['-9223372036854775808', '9007199254740993'], itself),
    ['-9223372036854775808', '9007199254740993'],
  ],
  ['real', realArray([0, -1.5, 0.1], itself), [0, -1.5, 0.1]],
  ['timestamptz', timestampArray(TIMES, (time) => Date.parse(time)), TIMES],
  ['float8', float8Array([1_764_000_000_123.456, -0.1], itself), [1_764_000_000_123.456, -0.1]],
])('takes %s values in binary for exactly what they are as text', async (type, binary, values) => {
  expect(await spelled(type, binary)).toBe(await spelled(type, values));
});

it('takes nulls, and no values at all', async () => {
  expect(await spelled('text', textArray(['a', null, 'null'], itself))).toBe('{a,NULL,"null"}');
  expect(await spelled('float8', float8Array([null], itself))).toBe('{NULL}');
  expect(await spelled('uuid', uuidArray([], itself))).toBe('{}');
});

it('takes more values than any before, and longer ones', async () => {
  const values = Array.from({ length: 5_000 }, (_, index) => (index % 7 === 0 ? null : `no. ${index}`));
  expect(await spelled('text', textArray(values, itself))).toBe(await spelled('text', values));
  const long = ['é'.repeat(1_000_000), 'short'];
  expect(await spelled('text', textArray(long, itself))).toBe(await spelled('text', long));
  expect(await spelled('text', textArray(values, itself))).toBe(await spelled('text', values));
});

it('refuses what the type cannot hold', () => {
  expect(() => smallintArray([32_768], itself)).toThrow('out of range');
  expect(() => timestampArray([NaN], itself)).toThrow('Not a time');
  for (const id of ['', UUIDS[1]!.toUpperCase(), UUIDS[1]!.replace('-', ''), `${UUIDS[1]}0`, 'x'.repeat(36)]) {
    expect(() => uuidArray([id], itself)).toThrow('Not an id');
  }
});

it('gives a statement its rows and values under their names, and nothing that is added after it', async () => {
  interface Line {
    readonly product: string;
    readonly pieces: number | null;
  }
  interface Order {
    readonly lines: readonly Line[];
    readonly factor: number;
    readonly unused: string;
  }
  const parameters = new StatementParameters<Order>();
  const factor = parameters.value((order) => order.factor);
  const columns = {
    product: column.text(({ product }) => product),
    pieces: column.int(({ pieces }) => pieces),
  } satisfies Columns<Line>;
  const line = parameters.rows(({ lines }) => lines, columns);
  const text = `SELECT product, pieces * ${factor}::int AS pieces, cardinality(${line.arrays.product}) AS lines FROM (SELECT ${line.columns}) l`;
  const statement = parameters.statement('order', text);
  parameters.value(({ unused }) => unused);

  const lines = [
    { product: 'tea', pieces: 2 },
    { product: 'pot', pieces: null },
  ];
  const { rows } = await client.query(statement.text, statement.valuesOf({ lines, factor: 10, unused: '' }));
  expect(rows).toEqual([
    { product: 'tea', pieces: 20, lines: 2 },
    { product: 'pot', pieces: null, lines: 2 },
  ]);
  expect(line.names).toBe('product, pieces');
});
