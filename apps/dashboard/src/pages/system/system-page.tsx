import { Badge, Group, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SystemState, systemQuery } from '../../api/system';
import { type Column, DataTable } from '../../ui/data-table';
import { type Figure, FigureTiles } from '../../ui/figure-tiles';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { ProblemNotice } from '../../ui/problem-notice';
import { RelativeTime } from '../../ui/relative-time';
import { ShortId } from '../../ui/short-id';

type Queue = NonNullable<SystemState['queues']>[number];
type Worker = NonNullable<SystemState['workers']>[number];

/** What an operator looks at first when something is slow: what waits, and who works on it. */
export function SystemPage() {
  const system = useQuery(systemQuery);
  return (
    <Page
      title="System"
      description="What waits, and who works on it, over all stores."
      actions={
        system.data !== undefined && (
          <Text size="sm" c="dimmed">
            Signpost {system.data.version}
          </Text>
        )
      }
    >
      {system.isPending && <Skeleton height={320} radius="lg" />}
      {system.isError && <ProblemNotice error={system.error} onRetry={() => void system.refetch()} />}
      {system.data !== undefined && <State state={system.data} />}
    </Page>
  );
}

function State({ state }: { state: SystemState }) {
  const { database, queue, queues, workers } = state;
  return (
    <>
      <Group gap="sm">
        <Part name="PostgreSQL" ok={database.ok} />
        <Part name="Queue" ok={queue.ok} />
      </Group>
      <FigureTiles label="What waits" figures={figuresOf(state)} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Panel title="Workers">
          {workers === null ? (
            <Unknown />
          ) : (
            <DataTable
              label="Workers"
              columns={WORKER_COLUMNS}
              rows={workers}
              rowKey={({ id }) => id}
              empty={<Text size="sm">No worker runs: what is accepted waits until one does.</Text>}
            />
          )}
        </Panel>
        <Panel title="Queues">
          {queues === null ? (
            <Unknown />
          ) : (
            <DataTable label="Queues" columns={QUEUE_COLUMNS} rows={queues} rowKey={({ name }) => name} />
          )}
        </Panel>
      </SimpleGrid>
    </>
  );
}

function Part({ name, ok }: { name: string; ok: boolean }) {
  return (
    <Badge
      size="lg"
      color={ok ? 'teal' : 'red'}
      leftSection={<Icon name={ok ? 'circle-check' : 'circle-x'} size={14} />}
    >
      {name} {ok ? 'answers' : 'does not answer'}
    </Badge>
  );
}

function Unknown() {
  return (
    <Text size="sm" c="dimmed">
      It could not be read in time.
    </Text>
  );
}

/** A delivery that has been overdue for longer than this should have been claimed by a worker. */
const OVERDUE_MS = 60_000;

function figuresOf({ oldestDueAt, outbox, lanes, workers }: SystemState): readonly Figure[] {
  const overdueMs = oldestDueAt === null ? 0 : Date.now() - Date.parse(oldestDueAt);
  const noWorker = workers !== null && !workers.some(({ alive }) => alive);
  return [
    {
      name: 'Oldest due',
      value: oldestDueAt === null ? 'None' : <RelativeTime at={oldestDueAt} />,
      note: oldestDueAt === null ? 'nothing is overdue' : 'due since then, and not sent',
      icon: 'clock',
      alarming: overdueMs > OVERDUE_MS,
    },
    {
      name: 'Accepted batches',
      value: outbox?.batches.toLocaleString('en') ?? '–',
      note: <OldestBatch at={outbox?.oldestAt ?? null} />,
      icon: 'inbox',
    },
    {
      name: 'Lanes due',
      value: lanes?.due.toLocaleString('en') ?? '–',
      note: lanes === null ? '' : `${lanes.scheduled.toLocaleString('en')} scheduled`,
      icon: 'bolt',
    },
    {
      name: 'Lanes kept back',
      value: lanes === null ? '–' : (lanes.open + lanes.held).toLocaleString('en'),
      note: lanes === null ? '' : `${lanes.open} failing, ${lanes.held} held`,
      icon: 'lock',
    },
    {
      name: 'Workers',
      value: workers === null ? '–' : workers.filter(({ alive }) => alive).length,
      note: 'alive',
      icon: 'activity',
      alarming: noWorker,
    },
  ];
}

function OldestBatch({ at }: { at: string | null }) {
  if (at === null) return 'none waits';
  return (
    <>
      the oldest <RelativeTime at={at} />
    </>
  );
}

const WORKER_COLUMNS: readonly Column<Worker>[] = [
  { key: 'id', title: 'Worker', heads: true, cell: ({ id }) => <ShortId of="worker" id={id} /> },
  {
    key: 'alive',
    title: 'State',
    cell: ({ alive }) => (
      <Badge color={alive ? 'teal' : 'red'} leftSection={<Icon name={alive ? 'check' : 'x'} size={13} />}>
        {alive ? 'Alive' : 'Gone'}
      </Badge>
    ),
  },
  { key: 'leased', title: 'Deliveries', align: 'right', cell: ({ leasedDeliveries }) => leasedDeliveries },
  {
    key: 'started',
    title: 'Started',
    align: 'right',
    cell: ({ startedAt }) => (
      <Text size="sm" span>
        <RelativeTime at={startedAt} />
      </Text>
    ),
  },
];

const QUEUE_COLUMNS: readonly Column<Queue>[] = [
  {
    key: 'name',
    title: 'Queue',
    heads: true,
    cell: ({ name }) => (
      <Text size="sm" fw={600} span>
        {name}
      </Text>
    ),
  },
  { key: 'waiting', title: 'Waiting', align: 'right', cell: ({ waiting }) => waiting },
  { key: 'active', title: 'Active', align: 'right', cell: ({ active }) => active },
  { key: 'delayed', title: 'Later', align: 'right', cell: ({ delayed }) => delayed },
];
