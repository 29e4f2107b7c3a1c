import { Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { sendTest } from '../../api/test-send';
import { eventTypesQuery, type Webhook, webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { DummyForm, type DummyOrder, firstEventType } from './dummy-form';
import { Terminal } from './terminal';

interface SendDummyDialogProps {
  /** Null: the dialog is closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

/** Sends a sample event to a webhook as soon as it opens, signed like every other, and shows what was sent and what came back. */
export function SendDummyDialog({ webhook, onClose }: SendDummyDialogProps) {
  return (
    <Dialog opened={webhook !== null} onClose={onClose} title="Send Dummy" size="xl">
      {webhook !== null && <SendDummy webhook={webhook} />}
    </Dialog>
  );
}

function SendDummy({ webhook }: { webhook: Webhook }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const types = useQuery(eventTypesQuery);
  const sending = useMutation({
    mutationFn: ({ eventType, data }: DummyOrder) => sendTest(store, webhook.id, eventType, data),
    onSuccess: () => queryClient.invalidateQueries(webhooksQuery(store)),
  });
  const { mutate } = sending;
  const begun = useRef(false);
  useEffect(() => {
    // Sends only once, even where React runs effects twice to find faults.
    if (begun.current) return;
    begun.current = true;
    mutate({ eventType: firstEventType(webhook), data: null });
  }, [mutate, webhook]);
  return (
    <Stack>
      {types.isError && <ProblemNotice error={types.error} onRetry={() => void types.refetch()} />}
      {types.isSuccess && (
        <DummyForm
          webhook={webhook}
          types={types.data}
          busy={sending.isPending}
          onSend={(order) => sending.mutate(order)}
        />
      )}
      <Terminal
        url={webhook.url}
        sent={sending.data ?? null}
        error={sending.error}
        busy={sending.isIdle || sending.isPending}
      />
    </Stack>
  );
}
