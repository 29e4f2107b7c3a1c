import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type DeliveryDetail, deliveryQuery, isOnItsWay, mayBeRetried, retryDelivery } from '../../api/deliveries';
import { webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { FactList } from '../../ui/fact-list';
import { Icon } from '../../ui/icon';
import { RelativeTime } from '../../ui/relative-time';
import { ShortId } from '../../ui/short-id';
import { shortened } from '../../ui/shortened';
import { toastDone, toastProblem } from '../../ui/toast';
import { UrlText } from '../../ui/url-text';
import { AttemptExchange } from './attempt-exchange';
import { AttemptTimeline } from './attempt-timeline';
import { DeliveryStatusBadge } from './delivery-status-badge';
import { NextAttempt } from './next-attempt';

/** A delivery with its attempts, one of which is shown whole. */
export function DeliveryDetails({ store, delivery }: { store: string; delivery: DeliveryDetail }) {
  const { attempts } = delivery;
  const [chosen, setChosen] = useState<string | null>(null);
  // Until a person chooses another one, the newest attempt is shown, also one that was made just now.
  const shown = attempts.find(({ id }) => id === chosen) ?? attempts.at(-1);
  return (
    <Stack gap="lg">
      <Head store={store} delivery={delivery} />
      <Facts store={store} delivery={delivery} />
      {shown === undefined ? (
        <Text size="sm" c="dimmed">
          No attempt has been made yet.
        </Text>
      ) : (
        <>
          <AttemptTimeline delivery={delivery} shown={shown.id} onShow={setChosen} />
          <AttemptExchange key={shown.id} attempt={shown} requestBody={delivery.requestBody} />
        </>
      )}
    </Stack>
  );
}

function Head({ store, delivery }: { store: string; delivery: DeliveryDetail }) {
  const { id, status, trigger } = delivery;
  const { manages } = useStore();
  const queryClient = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryDelivery(store, id),
    onSuccess: async () => {
      toastDone('It is being sent again.');
      await queryClient.invalidateQueries(deliveryQuery(store, id));
    },
    onError: (error) => toastProblem(error),
  });
  const waits = isOnItsWay(status);
  return (
    <Group justify="space-between">
      <Group gap="sm">
        <DeliveryStatusBadge status={status} />
        {waits && <NextAttempt delivery={delivery} />}
      </Group>
      {manages && trigger !== 'test' && (mayBeRetried(status) || waits) && (
        <Button
          leftSection={<Icon name="rotate" size={16} />}
          variant={status === 'delivered' ? 'default' : 'filled'}
          loading={retry.isPending}
          onClick={() => retry.mutate()}
        >
          {waits ? 'Retry now' : 'Retry'}
        </Button>
      )}
    </Group>
  );
}

function Facts({ store, delivery }: { store: string; delivery: DeliveryDetail }) {
  const webhook = useQuery(webhooksQuery(store)).data?.find(({ id }) => id === delivery.webhookId);
  return (
    <FactList
      facts={[
        {
          name: 'Webhook',
          value: (
            <Text span size="sm" ff="monospace" title={webhook?.url} style={{ overflowWrap: 'anywhere' }}>
              <UrlText url={shortened(webhook?.url ?? 'Deleted webhook')} />
            </Text>
          ),
        },
        { name: 'Created', value: <RelativeTime at={delivery.createdAt} /> },
        { name: 'Delivery', value: <ShortId of="delivery" id={delivery.id} /> },
        {
          name: 'Event',
          value: (
            <Group gap="xs">
              <ShortId of="event" id={delivery.eventId} />
              <Anchor
                size="sm"
                renderRoot={(props) => (
                  <Link to="/store/$store/events/$event" params={{ store, event: delivery.eventId }} {...props} />
                )}
              >
                Show the event
              </Anchor>
            </Group>
          ),
        },
      ]}
    />
  );
}
