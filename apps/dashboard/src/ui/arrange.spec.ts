import { arrange, type Sortable, type Sorting } from './arrange';

interface Row {
  readonly name: string;
  readonly count: number | null;
}

const ROWS: readonly Row[] = [
  { name: 'Key 10', count: 1 },
  { name: 'key 9', count: null },
  { name: 'Other', count: 3 },
];
const COLUMNS: readonly Sortable<Row>[] = [
  { key: 'name', sortValue: ({ name }) => name },
  { key: 'count', sortValue: ({ count }) => count },
];
const namesOf = (search: string, sorting: Sorting | null = null) =>
  arrange(ROWS, COLUMNS, { search, searchText: ({ name }) => name, sorting }).map(({ name }) => name);

describe('arrange', () => {
  it('keeps the given order until another one is asked for', () => {
    expect(namesOf('')).toEqual(['Key 10', 'key 9', 'Other']);
  });

  it('finds rows that have every word, however it is written', () => {
    expect(namesOf(' 10  KEY ')).toEqual(['Key 10']);
    expect(namesOf('nothing')).toEqual([]);
  });

  it('sorts numbers within texts as numbers', () => {
    expect(namesOf('', { by: 'name', direction: 'ascending' })).toEqual(['key 9', 'Key 10', 'Other']);
  });

  it.each(['ascending', 'descending'] as const)('puts what has no value last, also %s', (direction) => {
    expect(namesOf('', { by: 'count', direction }).at(-1)).toBe('key 9');
  });
});
