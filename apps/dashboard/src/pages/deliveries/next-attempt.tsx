import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Delivery } from '../../api/deliveries';
import { webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Countdown } from '../../ui/countdown';

/** When a delivery is attempted next. While its webhook is paused, even one that is due waits. */
export function NextAttempt({ delivery }: { delivery: Pick<Delivery, 'nextAttemptAt' | 'webhookId'> }) {
  const { key: store } = useStore();
  const { nextAttemptAt, webhookId } = delivery;
  const webhook = useQuery(webhooksQuery(store)).data?.find(({ id }) => id === webhookId);
  const isPaused = webhook !== undefined && webhook.health.openUntil !== null;
  return (
    <Text size="xs" c="dimmed" component="span" style={{ whiteSpace: 'nowrap' }}>
      {nextAttemptAt === null ? (
        'Being attempted'
      ) : (
        <>
          Next <Countdown at={nextAttemptAt} onceDue={isPaused ? 'after the pause' : 'now'} />
        </>
      )}
    </Text>
  );
}
