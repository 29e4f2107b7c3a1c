import { Badge, Stack, Text } from '@mantine/core';
import type { Webhook } from '../../api/webhooks';
import { Icon } from '../../ui/icon';
import type { IconName } from '../../ui/icon-paths';
import { RelativeTime } from '../../ui/relative-time';

interface Look {
  readonly label: string;
  readonly color: string;
  readonly icon: IconName;
}

/** Whether a webhook gets its events, and why not where it does not. */
export function WebhookStatus({ webhook }: { webhook: Webhook }) {
  const { label, color, icon } = webhookLook(webhook);
  return (
    <Stack gap={4} align="flex-start">
      <Badge color={color} leftSection={<Icon name={icon} size={13} />}>
        {label}
      </Badge>
      <Reason webhook={webhook} />
    </Stack>
  );
}

/** What its state is called, and how it looks. */
export function webhookLook({ status, health }: Webhook): Look {
  if (status === 'disabled') return { label: 'Disabled', color: 'gray', icon: 'player-pause' };
  if (status === 'held') return { label: 'Held', color: 'orange', icon: 'lock' };
  if (health.openUntil !== null) return { label: 'Paused', color: 'red', icon: 'alert-triangle' };
  if (health.failingSince !== null) return { label: 'Failing', color: 'orange', icon: 'alert-triangle' };
  return { label: 'Active', color: 'teal', icon: 'circle-check' };
}

function Reason({ webhook: { status, disabledReason, disabledAt, apiKeyId, health } }: { webhook: Webhook }) {
  const text = { size: 'xs', c: 'dimmed', miw: 110, maw: 240 } as const;
  if (status === 'disabled') {
    return (
      <Text {...text}>
        {disabledReason ?? 'Disabled.'} {disabledAt !== null && <RelativeTime at={disabledAt} />}
      </Text>
    );
  }
  if (status === 'held') {
    const cause =
      apiKeyId === null ? 'Its signing key was deleted.' : 'Its signing key is not activated, or has expired.';
    return <Text {...text}>{cause} Deliveries wait.</Text>;
  }
  if (health.openUntil !== null) {
    return (
      <Text {...text}>
        {health.consecutiveFailures} failures in a row; due again <RelativeTime at={health.openUntil} />.
      </Text>
    );
  }
  if (health.failingSince === null) return null;
  return (
    <Text {...text}>
      Since <RelativeTime at={health.failingSince} />
    </Text>
  );
}
