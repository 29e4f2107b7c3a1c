import { Anchor, Badge, Button, Code, Group, Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type EventFilters, eventsQuery, type PublishedEvent } from '../../api/events';
import { eventTypesQuery } from '../../api/webhooks';
import { readEventSearch } from '../../routes/log-search';
import { useStore } from '../../session/use-me';
import { type Column, DataTable } from '../../ui/data-table';
import { EmptyState } from '../../ui/empty-state';
import { filterWidth } from '../../ui/filter-width';
import { Page } from '../../ui/page';
import { Pager } from '../../ui/pager';
import { ProblemNotice } from '../../ui/problem-notice';
import { RelativeTime } from '../../ui/relative-time';
import { TimeRangeFilter } from '../../ui/time-range-filter';
import { useFocusBack } from '../../ui/use-focus-back';
import { usePageOfLog } from '../../ui/use-page-of-log';
import { EventOutcome } from './event-outcome';

const AGAIN_MS = 10_000;

/** What the store's software has published, and what became of it. */
export function EventsPage() {
  const { key: store } = useStore();
  const filters = useSearch({ from: '/signed-in/store/$store/events', select: readEventSearch });
  const { event: opened } = useParams({ strict: false });
  const navigate = useNavigate();
  const log = usePageOfLog((cursor) => ({ ...eventsQuery(store, filters, cursor), refetchInterval: AGAIN_MS }));
  useFocusBack(opened);
  const { rows, error } = log;
  const isNone = rows?.length === 0 && log.number === 1 && Object.keys(filters).length === 0;
  const to = { to: '/store/$store/events', params: { store }, replace: true, resetScroll: false } as const;
  const filterBar = <EventFilterBar filters={filters} onChange={(search) => void navigate({ ...to, search })} />;
  return (
    <Page title="Events" description="Each fact that was published, kept byte for byte, with what became of it.">
      {error !== null && <ProblemNotice error={error} onRetry={log.retry} />}
      {isNone && <NoEvents store={store} />}
      {/* A filter may be why, and can be taken away. */}
      {error !== null && rows === undefined && <Group gap="sm">{filterBar}</Group>}
      {!isNone && (error === null || rows !== undefined) && (
        <>
          <DataTable
            label="Events"
            columns={columnsFor(store)}
            rows={rows}
            rowKey={({ id }) => id}
            filters={filterBar}
            onRowClick={({ id: event }) =>
              void navigate({
                to: '/store/$store/events/$event',
                params: { store, event },
                search: true,
                state: true,
                resetScroll: false,
              })
            }
          />
          <Pager log={log} />
        </>
      )}
      <Outlet />
    </Page>
  );
}

function EventFilterBar({ filters, onChange }: { filters: EventFilters; onChange: (filters: EventFilters) => void }) {
  const eventTypes = useQuery(eventTypesQuery).data ?? [];
  const { type, test, ...range } = filters;
  const kept = { ...(type !== undefined && { type }), ...(test !== undefined && { test }) };
  return (
    <>
      <Select
        aria-label="Event type"
        placeholder="Event type"
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear' }}
        {...filterWidth(180)}
        data={eventTypes.map((each) => each.type)}
        value={type ?? null}
        onChange={(value) => {
          const { type: _before, ...others } = filters;
          onChange({ ...others, ...(value !== null && { type: value }) });
        }}
      />
      <Select
        aria-label="Tests"
        {...filterWidth(170)}
        allowDeselect={false}
        data={[
          { value: 'both', label: 'With tests' },
          { value: 'false', label: 'Without tests' },
          { value: 'true', label: 'Only tests' },
        ]}
        value={test === undefined ? 'both' : String(test)}
        onChange={(value) => {
          const { test: _before, ...others } = filters;
          onChange({ ...others, ...(value !== 'both' && { test: value === 'true' }) });
        }}
      />
      <TimeRangeFilter value={range} onChange={(next) => onChange({ ...kept, ...next })} />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" onClick={() => onChange({})}>
          Clear filters
        </Button>
      )}
    </>
  );
}

function columnsFor(store: string): readonly Column<PublishedEvent>[] {
  return [
    {
      key: 'type',
      title: 'Event',
      heads: true,
      cell: ({ id, type, test }) => (
        <Group gap="xs">
          <Anchor
            ff="monospace"
            size="sm"
            fw={600}
            renderRoot={(props) => (
              <Link
                to="/store/$store/events/$event"
                params={{ store, event: id }}
                search
                state
                resetScroll={false}
                data-opens={id}
                {...props}
              />
            )}
          >
            {type}
          </Anchor>
          {test && <Badge color="gray">Test</Badge>}
        </Group>
      ),
    },
    { key: 'outcome', title: 'What became of it', cell: (event) => <EventOutcome event={event} /> },
    {
      key: 'at',
      title: 'Accepted',
      align: 'right',
      cell: ({ createdAt }) => (
        <Text size="sm" component="span">
          <RelativeTime at={createdAt} />
        </Text>
      ),
    },
  ];
}

function NoEvents({ store }: { store: string }) {
  return (
    <EmptyState
      icon="bolt"
      title="No events yet"
      action={
        <Button renderRoot={(props) => <Link to="/store/$store" params={{ store }} {...props} />}>
          See how to publish one
        </Button>
      }
    >
      Events that your software publishes, such as <Code>order.create</Code>, are here, whether or not a webhook wanted
      them.
    </EmptyState>
  );
}
