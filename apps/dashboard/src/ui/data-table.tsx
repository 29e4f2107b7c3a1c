import { Group, Skeleton, Table, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useHotkeys, useMediaQuery } from '@mantine/hooks';
import { memo, type ReactNode, useDeferredValue, useRef, useState } from 'react';
import classes from './data-table.module.css';
import { Icon } from './icon';
import { arrange, type Sorting, type Sortable } from './arrange';
import { ShowMore } from './show-more';

/** A column of a table of `Row`s. */
export interface Column<Row> extends Sortable<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Whether it heads the row's card; the column's title is not shown then. */
  readonly heads?: boolean;
  readonly align?: 'left' | 'right' | 'center';
  /** CSS width. */
  readonly width?: string | number;
}

interface DataTableProps<Row> {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they are loaded. */
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  /** Finds rows by what is typed; without, there is no search. */
  readonly searchText?: (row: Row) => string;
  readonly initialSorting?: Sorting;
  /** Shown in place of the table while there are no rows; not while there are filters, which may be the reason. */
  readonly empty?: ReactNode;
  /** Beside the search. */
  readonly filters?: ReactNode;
  readonly onRowClick?: (row: Row) => void;
  /** Whether its columns need the width of a desktop window. */
  readonly wide?: boolean;
}

/** Windows that are too narrow for all columns, with the buttons in the last one. */
const TOO_NARROW = '(width < 62em)';
const TOO_NARROW_FOR_WIDE = '(width < 75em)';

/** How many rows are drawn at once; a person who wants to see more of a long list asks for them. */
const ROWS_AT_ONCE = 100;

/** A table that is sorted by its headings and searched as one types; where it would not fit each row is a card. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, searchText, empty, filters, wide = false } = props;
  // Read at the first render: a table that turned into cards after it was seen would make the page jump.
  const cards = useMediaQuery(wide ? TOO_NARROW_FOR_WIDE : TOO_NARROW, false, { getInitialValueInEffect: false });
  const [typed, setTyped] = useState('');
  // Typing goes first; the rows follow it.
  const search = useDeferredValue(typed);
  const [sorting, setSorting] = useState<Sorting | null>(props.initialSorting ?? null);
  const [room, setRoom] = useState(ROWS_AT_ONCE);
  if (rows?.length === 0 && filters === undefined) return <>{empty}</>;
  const found = rows === undefined ? undefined : arrange(rows, columns, { search, searchText, sorting });
  return (
    <div className={classes.frame} data-cards={cards || undefined}>
      {(searchText !== undefined || filters !== undefined) && (
        <Group className={classes.toolbar} gap="sm">
          {searchText !== undefined && <Search value={typed} onChange={setTyped} label={label} />}
          {filters}
        </Group>
      )}
      <div className={classes.scroll}>
        <Table
          className={classes.table}
          role="table"
          horizontalSpacing="sm"
          aria-label={label}
          aria-busy={rows === undefined}
        >
          <Table.Thead role="rowgroup" className={classes.head}>
            <Table.Tr role="row">
              {columns.map((column) => (
                <Heading key={column.key} column={column} sorting={sorting} onSort={setSorting} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody role="rowgroup">
            <Rows {...props} rows={found?.slice(0, room)} />
          </Table.Tbody>
        </Table>
      </div>
      {found?.length === 0 && <NothingFound search={search} />}
      {found !== undefined && found.length > ROWS_AT_ONCE && (
        <ShowMore
          shown={Math.min(room, found.length)}
          total={found.length}
          onMore={() => setRoom(room + ROWS_AT_ONCE)}
        />
      )}
    </div>
  );
}

function Search({ value, onChange, label }: { value: string; onChange: (text: string) => void; label: string }) {
  const input = useRef<HTMLInputElement>(null);
  useHotkeys([['mod+/', () => input.current?.focus()]]);
  return (
    <TextInput
      ref={input}
      type="search"
      className={classes.search}
      aria-label={`Search ${label}`}
      placeholder="Search"
      leftSection={<Icon name="search" size={16} />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface HeadingProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | null;
  readonly onSort: (sorting: Sorting) => void;
}

function Heading<Row>({ column, sorting, onSort }: HeadingProps<Row>) {
  const { key, title, align = 'left', width } = column;
  const direction = sorting?.by === key ? sorting.direction : null;
  const shared = { role: 'columnheader', scope: 'col', style: { textAlign: align, width } } as const;
  if (column.sortValue === undefined) return <Table.Th {...shared}>{title}</Table.Th>;
  const icon = direction === null ? 'selector' : (`sort-${direction}` as const);
  return (
    <Table.Th {...shared} aria-sort={direction ?? 'none'}>
      <UnstyledButton
        className={classes.sort}
        onClick={() => onSort({ by: key, direction: direction === 'ascending' ? 'descending' : 'ascending' })}
      >
        {title}
        <Icon name={icon} size={14} />
      </UnstyledButton>
    </Table.Th>
  );
}

function Rows<Row>({ columns, rows, rowKey, onRowClick }: DataTableProps<Row>) {
  if (rows === undefined) return <LoadingRows columns={columns.length} />;
  return rows.map((row) => <TableRow key={rowKey(row)} row={row} columns={columns} onClick={onRowClick} />);
}

interface TableRowProps<Row> {
  readonly row: Row;
  readonly columns: readonly Column<Row>[];
  readonly onClick?: (row: Row) => void;
}

/** Not rendered anew while a person types a search that leaves the row as it is: there may be hundreds of rows. */
const TableRow = memo(WholeRow) as typeof WholeRow;

/** The whole row takes a click; with the keyboard one uses the link or button that it holds. */
function WholeRow<Row>({ row, columns, onClick }: TableRowProps<Row>) {
  return (
    <Table.Tr
      role="row"
      className={classes.row}
      data-clickable={onClick !== undefined || undefined}
      onClick={(event) => {
        const inControl = event.target instanceof Element && event.target.closest('a, button, input, label') !== null;
        if (!inControl && window.getSelection()?.isCollapsed !== false) onClick?.(row);
      }}
    >
      {columns.map(({ key, title, cell, heads = false, align = 'left' }) => (
        <Table.Td key={key} role="cell" data-label={title} data-heads={heads || undefined} data-align={align}>
          {cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

const LOADING_ROWS = [0, 1, 2, 3];

function LoadingRows({ columns }: { columns: number }) {
  return LOADING_ROWS.map((row) => (
    <Table.Tr key={row} role="row" className={classes.row}>
      <Table.Td role="cell" colSpan={columns} data-heads>
        <Skeleton height={22} />
      </Table.Td>
    </Table.Tr>
  ));
}

function NothingFound({ search }: { search: string }) {
  return (
    <Text c="dimmed" size="sm" ta="center" p="xl" role="status">
      {search === '' ? 'Nothing matches.' : `Nothing matches “${search}”.`}
    </Text>
  );
}
