import { Text } from '@mantine/core';
import type { AuditEntry } from '../../api/audit-log';
import type { Column } from '../../ui/data-table';
import { RelativeTime } from '../../ui/relative-time';
import longText from '../../ui/long-text.module.css';
import { ShortId } from '../../ui/short-id';
import classes from './audit-columns.module.css';
import { ACTIONS, ACTORS } from './audit-words';
import { visibleText } from '../../ui/visible-text';

export const AUDIT_COLUMNS: readonly Column<AuditEntry>[] = [
  {
    key: 'action',
    title: 'Action',
    heads: true,
    cell: ({ action }) => (
      <Text size="sm" fw={600} span>
        {ACTIONS[action]}
      </Text>
    ),
  },
  { key: 'actor', title: 'By', cell: ({ actor }) => <Actor actor={actor} /> },
  {
    key: 'object',
    title: 'What',
    cell: ({ object: { kind, id } }) => <ShortId of={kind.replaceAll('_', ' ')} id={id} />,
  },
  { key: 'changes', title: 'Changes', cell: ({ changes }) => <Changes changes={changes} /> },
  {
    key: 'at',
    title: 'When',
    align: 'right',
    cell: ({ at }) => (
      <Text size="sm" component="span">
        <RelativeTime at={at} />
      </Text>
    ),
  },
];

function Actor({ actor: { kind, id, name, address } }: { actor: AuditEntry['actor'] }) {
  return (
    <div>
      {name !== null && (
        <Text size="sm" className={longText.text} lineClamp={2}>
          {name}
        </Text>
      )}
      {id === null ? (
        <Text size="sm">{ACTORS[kind] ?? kind}</Text>
      ) : (
        <ShortId of={(ACTORS[kind] ?? kind).toLowerCase()} id={id} />
      )}
      {address !== null && (
        <Text size="xs" c="dimmed">
          from {address}
        </Text>
      )}
    </div>
  );
}

/** The changes as the log has them: before and after. */
function Changes({ changes }: { changes: AuditEntry['changes'] }) {
  if (Object.keys(changes).length === 0) return null;
  return (
    <details className={classes.changes}>
      <summary>Show</summary>
      <pre>{visibleText(JSON.stringify(changes, null, 2))}</pre>
    </details>
  );
}
