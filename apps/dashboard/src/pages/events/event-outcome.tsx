import { Badge, Group, Text } from '@mantine/core';
import type { PublishedEvent } from '../../api/events';
import { DELIVERY_STATUSES } from '../../routes/log-search';
import { Icon } from '../../ui/icon';
import { STATUS_LOOKS } from '../deliveries/delivery-status-badge';

/** How many deliveries of an event are in which state; or that there are none, and why. */
export function EventOutcome({
  event: { deliveryCounts, fanOut },
}: {
  event: Pick<PublishedEvent, 'deliveryCounts' | 'fanOut'>;
}) {
  const counts = DELIVERY_STATUSES.map((status) => ({ status, count: deliveryCounts[status] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  if (counts.length === 0) {
    return (
      <Text size="sm" c="dimmed" span>
        {fanOut === 'pending' ? 'On its way' : 'No webhook wanted it'}
      </Text>
    );
  }
  return (
    <Group gap={6}>
      {counts.map(({ status, count }) => (
        <Badge
          key={status}
          color={STATUS_LOOKS[status].color}
          leftSection={<Icon name={STATUS_LOOKS[status].icon} size={13} />}
        >
          {count} {STATUS_LOOKS[status].label.toLowerCase()}
        </Badge>
      ))}
    </Group>
  );
}
