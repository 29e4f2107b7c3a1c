import { Table } from '@mantine/core';
import { useState } from 'react';
import classes from './time-chart.module.css';

interface ChartTableProps {
  readonly label: string;
  readonly times: readonly string[];
  readonly columns: readonly { readonly name: string; readonly cells: readonly string[] }[];
}

/** The values of a chart as a table, for those who do not see the chart, or want to know exactly. */
export function ChartTable({ label, times, columns }: ChartTableProps) {
  const [opened, setOpened] = useState(false);
  return (
    <details className={classes.details} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>Show as a table</summary>
      {opened && (
        // What scrolls can be reached with the keyboard.
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${label}, as a table`}>
          <Table aria-label={label} verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>From</Table.Th>
                {columns.map(({ name }) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {times.map((time, at) => (
                <Table.Tr key={time}>
                  <Table.Th scope="row">{time}</Table.Th>
                  {columns.map(({ name, cells }) => (
                    <Table.Td key={name}>{cells[at]}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </details>
  );
}
