import { Anchor, Drawer, Loader, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { Delivery } from '../../api/deliveries';
import { type EventDetail, eventQuery } from '../../api/events';
import { webhooksQuery } from '../../api/webhooks';
import { type Column, DataTable } from '../../ui/data-table';
import { FactList } from '../../ui/fact-list';
import { MONOSPACE_TITLE } from '../../ui/monospace-title';
import { ProblemNotice } from '../../ui/problem-notice';
import { RelativeTime } from '../../ui/relative-time';
import { ShortId } from '../../ui/short-id';
import { TextView } from '../../ui/text-view';
import { UrlText } from '../../ui/url-text';
import { outcomeText } from '../deliveries/attempt-outcome';
import { DeliveryStatusBadge } from '../deliveries/delivery-status-badge';

/** One event, beside the list; at an address of its own. */
export function EventDrawer() {
  const { store, event: id } = useParams({ from: '/signed-in/store/$store/events/$event' });
  const navigate = useNavigate();
  const event = useQuery(eventQuery(store, id));
  const close = () =>
    void navigate({
      to: '/store/$store/events',
      params: { store },
      search: true,
      state: true,
      // Going back in the browser does not open the drawer again.
      replace: true,
      resetScroll: false,
    });
  return (
    <Drawer
      opened
      styles={MONOSPACE_TITLE}
      onClose={close}
      position="right"
      size="min(100%, 760px)"
      title={event.data?.type ?? 'Event'}
    >
      {event.isPending && <Loader type="dots" aria-label="Loading" role="status" />}
      {event.isError && <ProblemNotice error={event.error} onRetry={() => void event.refetch()} />}
      {event.data !== undefined && <EventDetails store={store} event={event.data} />}
    </Drawer>
  );
}

function EventDetails({ store, event }: { store: string; event: EventDetail }) {
  return (
    <Stack gap="lg">
      <FactList
        facts={[
          { name: 'Event', value: <ShortId of="event" id={event.id} /> },
          { name: 'Accepted', value: <RelativeTime at={event.createdAt} /> },
          { name: 'Happened', value: <RelativeTime at={event.timestamp} /> },
          {
            name: 'By',
            value:
              event.apiKeyId === null ? (
                event.test ? (
                  'A test of a webhook'
                ) : (
                  'The operator, or Signpost'
                )
              ) : (
                <ShortId of="API key" id={event.apiKeyId} />
              ),
          },
        ]}
      />
      <section aria-label="Deliveries of this event">
        <Title order={2} size="h4" mb="xs">
          Deliveries
        </Title>
        <Deliveries store={store} event={event} />
      </section>
      {event.data === null ? (
        <Text size="sm" c="dimmed">
          The payload is past its retention.
        </Text>
      ) : (
        <TextView name="Data" text={event.data} />
      )}
    </Stack>
  );
}

function Deliveries({ store, event: { deliveries, fanOut, note } }: { store: string; event: EventDetail }) {
  const webhooks = useQuery(webhooksQuery(store)).data;
  if (deliveries.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {note ?? (fanOut === 'pending' ? 'Its webhooks are being looked up.' : 'There are none.')}
      </Text>
    );
  }
  const urlOf = ({ webhookId }: Delivery) => webhooks?.find(({ id }) => id === webhookId)?.url ?? 'Deleted webhook';
  return (
    <DataTable
      label="Deliveries of this event"
      columns={columnsFor(store, urlOf)}
      rows={deliveries}
      rowKey={({ id }) => id}
    />
  );
}

function columnsFor(store: string, urlOf: (delivery: Delivery) => string): readonly Column<Delivery>[] {
  return [
    {
      key: 'webhook',
      title: 'Webhook',
      heads: true,
      cell: (delivery) => (
        <Anchor
          size="sm"
          lineClamp={2}
          title={urlOf(delivery)}
          style={{ overflowWrap: 'anywhere' }}
          renderRoot={(props) => (
            <Link to="/store/$store/deliveries/$delivery" params={{ store, delivery: delivery.id }} {...props} />
          )}
        >
          <UrlText url={urlOf(delivery)} />
        </Anchor>
      ),
    },
    { key: 'status', title: 'Status', cell: ({ status }) => <DeliveryStatusBadge status={status} /> },
    {
      key: 'answer',
      title: 'Last answer',
      cell: ({ lastStatusCode, lastErrorCode }) => outcomeText(lastStatusCode, lastErrorCode),
    },
  ];
}
