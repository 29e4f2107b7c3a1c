import { Alert, Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { sendSample } from '../../api/send-sample';
import type { Webhook } from '../../api/webhooks';
import { durationText } from '../../ui/duration-text';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';

/** Sends a sample to a webhook, and tells what it answered. */
export function SendDummy({ store, webhook }: { store: string; webhook: Webhook }) {
  const queryClient = useQueryClient();
  const [eventType] = webhook.events;
  const sending = useMutation({
    mutationFn: () => sendSample(store, webhook.id, eventType),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['stores', store, 'events'] }),
  });
  return (
    <>
      <Text size="sm">
        A sample of <b>{eventType}</b>, signed as the real ones are, to {webhook.url}. It is sent once.
      </Text>
      <Group>
        <Button
          size="sm"
          leftSection={<Icon name="send" size={16} />}
          loading={sending.isPending}
          onClick={() => sending.mutate()}
        >
          Send Dummy
        </Button>
      </Group>
      {sending.isError && <ProblemNotice error={sending.error} doing="sending" />}
      {sending.isSuccess && sending.data.error !== null && (
        <Alert color="orange" icon={<Icon name="alert-triangle" />} role="status">
          {sending.data.error.message} {sending.data.error.hint}
        </Alert>
      )}
      {sending.isSuccess && sending.data.error === null && (
        <Text size="sm" role="status">
          It answered {sending.data.statusCode} in {durationText(sending.data.durationMs)}.
        </Text>
      )}
    </>
  );
}
