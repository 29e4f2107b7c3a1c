/** By which column rows are sorted. */
export interface Sorting {
  readonly by: string;
  readonly direction: 'ascending' | 'descending';
}

/** What sorting needs to know of a column. */
export interface Sortable<Row> {
  readonly key: string;
  /** Absent where rows cannot be sorted by this column; null is sorted last. */
  readonly sortValue?: (row: Row) => string | number | boolean | null;
}

interface Arrangement<Row> {
  readonly search: string;
  readonly searchText: ((row: Row) => string) | undefined;
  readonly sorting: Sorting | null;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The rows that contain every word of the search, sorted as asked for; equal rows keep their given order. */
export function arrange<Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  { search, searchText, sorting }: Arrangement<Row>,
): readonly Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (row: Row) => {
    const text = searchText?.(row).toLowerCase() ?? '';
    return words.every((word) => text.includes(word));
  };
  const found = words.length === 0 ? rows : rows.filter(matches);
  const valueOf = columns.find(({ key }) => key === sorting?.by)?.sortValue;
  if (valueOf === undefined || sorting === null) return found;
  const sign = sorting.direction === 'ascending' ? 1 : -1;
  return [...found].sort((a, b) => compare(valueOf(a), valueOf(b), sign));
}

type Value = string | number | boolean | null;

function compare(a: Value, b: Value, sign: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * (typeof a === 'string' && typeof b === 'string' ? collator.compare(a, b) : Number(a) - Number(b));
}
