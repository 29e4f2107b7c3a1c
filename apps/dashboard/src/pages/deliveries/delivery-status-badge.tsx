import { Badge } from '@mantine/core';
import type { DeliveryStatus } from '../../api/deliveries';
import { Icon } from '../../ui/icon';
import type { IconName } from '../../ui/icon-paths';

interface Look {
  readonly label: string;
  readonly color: string;
  readonly icon: IconName;
}

export const STATUS_LOOKS: Readonly<Record<DeliveryStatus, Look>> = {
  queued: { label: 'Queued', color: 'blue', icon: 'clock' },
  retrying: { label: 'Retrying', color: 'orange', icon: 'rotate' },
  delivered: { label: 'Delivered', color: 'teal', icon: 'circle-check' },
  failed: { label: 'Failed', color: 'red', icon: 'circle-x' },
  canceled: { label: 'Canceled', color: 'gray', icon: 'x' },
  held: { label: 'Held', color: 'yellow', icon: 'lock' },
};

/** What has become of a delivery, in a word, a sign and a colour. */
export function DeliveryStatusBadge({ status }: { status: DeliveryStatus }) {
  const { label, color, icon } = STATUS_LOOKS[status];
  return (
    <Badge color={color} leftSection={<Icon name={icon} size={13} />}>
      {label}
    </Badge>
  );
}
