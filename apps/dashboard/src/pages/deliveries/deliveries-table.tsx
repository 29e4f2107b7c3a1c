import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode } from 'react';
import type { Delivery } from '../../api/deliveries';
import { webhooksQuery } from '../../api/webhooks';
import { type Column, DataTable } from '../../ui/data-table';
import longText from '../../ui/long-text.module.css';
import { RelativeTime } from '../../ui/relative-time';
import { useFocusBack } from '../../ui/use-focus-back';
import { UrlText } from '../../ui/url-text';
import { outcomeText, TRIGGERS } from './attempt-outcome';
import { DeliveryStatusBadge } from './delivery-status-badge';
import { NextAttempt } from './next-attempt';

interface DeliveriesTableProps {
  readonly store: string;
  /** Undefined while they are loaded. */
  readonly rows: readonly Delivery[] | undefined;
  readonly filters: ReactNode;
  /** Whether there may be more deliveries than these: there is a filter, or another page. */
  readonly isPart: boolean;
  /** Stands for the table while there are no deliveries at all. */
  readonly empty: ReactNode;
}

/** Deliveries, newest first; each leads to its attempts. */
export function DeliveriesTable({ store, rows, filters, isPart, empty }: DeliveriesTableProps) {
  const navigate = useNavigate();
  const webhooks = useQuery(webhooksQuery(store)).data;
  const { delivery: opened } = useParams({ strict: false });
  useFocusBack(opened);
  if (rows?.length === 0 && !isPart) return <>{empty}</>;
  const urlOf = (id: string) => webhooks?.find((webhook) => webhook.id === id)?.url;
  return (
    <DataTable
      label="Deliveries"
      columns={columnsFor(store, urlOf)}
      rows={rows}
      rowKey={({ id }) => id}
      filters={filters}
      onRowClick={({ id: delivery }) =>
        void navigate({
          to: '/store/$store/deliveries/$delivery',
          params: { store, delivery },
          search: true,
          state: true,
          resetScroll: false,
        })
      }
    />
  );
}

function columnsFor(store: string, urlOf: (webhookId: string) => string | undefined): readonly Column<Delivery>[] {
  return [
    { key: 'event', title: 'Event', heads: true, cell: (delivery) => <EventCell store={store} delivery={delivery} /> },
    { key: 'status', title: 'Status', cell: (delivery) => <StatusCell delivery={delivery} /> },
    {
      key: 'webhook',
      title: 'Webhook',
      cell: ({ webhookId }) => (
        <Text size="sm" className={longText.text} lineClamp={2} title={urlOf(webhookId) ?? webhookId}>
          <UrlText url={urlOf(webhookId) ?? 'Deleted webhook'} />
        </Text>
      ),
    },
    {
      key: 'answer',
      title: 'Last answer',
      cell: ({ lastStatusCode, lastErrorCode }) => (
        <Text size="sm" c={lastErrorCode === null ? undefined : 'var(--mantine-color-red-light-color)'}>
          {outcomeText(lastStatusCode, lastErrorCode)}
        </Text>
      ),
    },
    { key: 'attempts', title: 'Attempts', align: 'right', cell: attemptsOf },
    {
      key: 'created',
      title: 'Created',
      align: 'right',
      cell: ({ createdAt }) => (
        <Text size="sm" component="span">
          <RelativeTime at={createdAt} />
        </Text>
      ),
    },
  ];
}

/** The attempts of the schedule. A test is beside it, and is one attempt as soon as it was made. */
function attemptsOf({ trigger, attemptsMade, lastAttemptAt }: Delivery): number {
  return trigger === 'test' && lastAttemptAt !== null ? 1 : attemptsMade;
}

/** The event's type, as a link to the attempts of the delivery. */
function EventCell({ store, delivery: { id, eventType, trigger } }: { store: string; delivery: Delivery }) {
  return (
    <div>
      <Anchor
        ff="monospace"
        size="sm"
        fw={600}
        renderRoot={(props) => (
          <Link
            to="/store/$store/deliveries/$delivery"
            params={{ store, delivery: id }}
            search
            state
            resetScroll={false}
            data-opens={id}
            {...props}
          />
        )}
      >
        {eventType}
      </Anchor>
      {trigger !== 'schedule' && (
        <Text size="xs" c="dimmed">
          {TRIGGERS[trigger]}
        </Text>
      )}
    </div>
  );
}

function StatusCell({ delivery }: { delivery: Delivery }) {
  return (
    <Stack gap={2} align="flex-start">
      <DeliveryStatusBadge status={delivery.status} />
      {delivery.status === 'retrying' && <NextAttempt delivery={delivery} />}
    </Stack>
  );
}
