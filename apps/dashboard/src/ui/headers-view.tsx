import { Text } from '@mantine/core';
import classes from './headers-view.module.css';
import { visibleText } from './visible-text';

interface HeadersViewProps {
  /** "Request headers" */
  readonly name: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** The headers of a request or an answer, one to a line. */
export function HeadersView({ name, headers }: HeadersViewProps) {
  const lines = Object.entries(headers).flatMap(([header, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => ({ header, value: one })),
  );
  return (
    <div>
      <Text size="sm" fw={600} mb={6}>
        {name}
      </Text>
      <dl className={classes.headers}>
        {lines.map(({ header, value }, index) => (
          // The same header may come twice.
          <div key={`${index} ${header}`} className={classes.header}>
            <dt>{header}</dt>
            <dd>{visibleText(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
