import type { Row, Table } from './findings';

/** A table in Markdown. Columns are padded, so that it can be read in a terminal too; those of figures stand at the right. */
export function markdownTable({ head, rows }: Table): string[] {
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    const width = Math.max(title.length, ...cells.map((cell) => cell.length));
    return { width, isText: !cells.every((cell) => FIGURE.test(cell)) };
  });
  const line = (row: Row): string => {
    const cells = columns.map(({ width, isText }, column) => {
      const cell = row[column] ?? '';
      return isText ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${cells.join(' | ')} |`;
  };
  const rule = columns.map(({ width, isText }) => (isText ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)];
}

const FIGURE = /^-?[\d,.]+$|^–$/;
