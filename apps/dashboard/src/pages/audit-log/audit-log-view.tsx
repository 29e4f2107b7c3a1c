import { Button, Group, Menu, Stack } from '@mantine/core';
import {
  type AuditEntry,
  auditExportUrl,
  type AuditFilters,
  auditLogQuery,
  type AuditScope,
} from '../../api/audit-log';
import { ChoiceFilter } from '../../ui/choice-filter';
import { type Column, DataTable } from '../../ui/data-table';
import { EmptyState } from '../../ui/empty-state';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { Pager } from '../../ui/pager';
import { ProblemNotice } from '../../ui/problem-notice';
import { TimeRangeFilter } from '../../ui/time-range-filter';
import { TypedFilter } from '../../ui/typed-filter';
import { usePageOfLog } from '../../ui/use-page-of-log';
import { ACTIONS, ACTORS, STORE_ACTIONS } from './audit-words';

interface AuditLogViewProps {
  readonly store: AuditScope;
  readonly description: string;
  readonly columns: readonly Column<AuditEntry>[];
  readonly filters: AuditFilters;
  readonly onFilter: (filters: AuditFilters) => void;
}

/** Who did what, and when: can be filtered, is shown page by page, and can be downloaded. */
export function AuditLogView({ store, description, columns, filters, onFilter }: AuditLogViewProps) {
  const log = usePageOfLog((cursor) => auditLogQuery(store, filters, cursor));
  const { rows, error } = log;
  const isNone = rows?.length === 0 && log.number === 1 && Object.keys(filters).length === 0;
  const filterBar = (
    <AuditFilterBar actions={store === null ? ACTIONS : STORE_ACTIONS} filters={filters} onChange={onFilter} />
  );
  return (
    <Page title="Audit log" description={description} actions={<ExportMenu store={store} filters={filters} />}>
      {error !== null && <ProblemNotice error={error} onRetry={log.retry} />}
      {isNone && (
        <EmptyState icon="history" title="Nothing has happened yet">
          Whoever makes an API key or a webhook, or reveals a secret, is here from then on.
        </EmptyState>
      )}
      {/* A filter may be why, and can be taken away. */}
      {error !== null && rows === undefined && <Group gap="sm">{filterBar}</Group>}
      {!isNone && (error === null || rows !== undefined) && (
        <Stack>
          <DataTable label="Audit log" columns={columns} rows={rows} rowKey={({ id }) => id} filters={filterBar} />
          <Pager log={log} />
        </Stack>
      )}
    </Page>
  );
}

/** Downloads all matching entries, not only the page. */
function ExportMenu({ store, filters }: { store: AuditScope; filters: AuditFilters }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<Icon name="download" size={16} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={auditExportUrl(store, filters, 'csv')} download>
          As CSV
        </Menu.Item>
        <Menu.Item component="a" href={auditExportUrl(store, filters, 'jsonl')} download>
          As JSON lines
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface AuditFilterBarProps {
  /** The words for what may be looked for. */
  readonly actions: Readonly<Record<string, string>>;
  readonly filters: AuditFilters;
  readonly onChange: (filters: AuditFilters) => void;
}

function AuditFilterBar({ actions, filters, onChange }: AuditFilterBarProps) {
  const { actor, action, objectId, ...range } = filters;
  const kept = defined({ actor, action, objectId });
  const narrow = (change: AuditFilters) => onChange(defined({ ...filters, ...change }));
  return (
    <>
      <ChoiceFilter
        label="Action"
        width={220}
        choices={Object.entries(actions).map(([value, label]) => ({ value, label }))}
        value={action}
        onChange={(chosen) => narrow({ action: chosen })}
      />
      <ChoiceFilter
        label="Actor"
        width={140}
        choices={Object.entries(ACTORS).map(([value, label]) => ({ value, label }))}
        value={actor}
        onChange={(chosen) => narrow({ actor: chosen })}
      />
      <TypedFilter
        label="ID of what was changed"
        width={230}
        value={objectId ?? ''}
        onChange={(value) => narrow({ objectId: value === '' ? undefined : value })}
      />
      <TimeRangeFilter value={range} onChange={(next) => onChange(defined({ ...kept, ...next }))} />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" onClick={() => onChange({})}>
          Clear filters
        </Button>
      )}
    </>
  );
}

function defined(filters: AuditFilters): AuditFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
