import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { recoverWebhook } from '../../api/recoveries';
import { updateWebhook, type Webhook, webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { RelativeTime } from '../../ui/relative-time';
import { toastDone } from '../../ui/toast';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

const WHEN_DISABLED =
  'Nothing is sent to it any more: what waits is canceled, and what happens meanwhile is not sent later. You can enable it at any time, and have sent again what failed or was canceled.';

/** How much earlier to begin: deliveries that failed first, or were under way, were made a little before. */
const BEFORE_MS = 60_000;

interface EnableWebhookDialogProps {
  /** Null: the dialog is closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

/** Disables a webhook, or enables it again and has what it missed sent. */
export function EnableWebhookDialog({ webhook, onClose }: EnableWebhookDialogProps) {
  const disabling = webhook?.enabled ?? false;
  return (
    <Dialog
      opened={webhook !== null}
      onClose={onClose}
      title={disabling ? 'Disable this webhook?' : 'Enable this webhook?'}
    >
      {webhook !== null && <SwitchForm webhook={webhook} onDone={onClose} />}
    </Dialog>
  );
}

function SwitchForm({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const [recovers, setRecovers] = useState(true);
  const since = missedSince(webhook);
  const offersRecovery = !webhook.enabled && since !== null;
  const switching = useMutation({
    mutationFn: async () => {
      await updateWebhook(store, webhook.id, { enabled: !webhook.enabled });
      if (offersRecovery && recovers) await recoverWebhook(store, webhook.id, since);
    },
    onSuccess: async () => {
      toastDone(doneText(webhook, offersRecovery && recovers));
      await queryClient.invalidateQueries(webhooksQuery(store));
    },
  });
  const { ref } = useFocusOnRefusal<HTMLDivElement>(switching.error);
  return (
    <Stack ref={ref}>
      <Text size="sm">{webhook.enabled ? WHEN_DISABLED : 'Events are sent to it again from now on.'}</Text>
      {offersRecovery && (
        <Checkbox
          label="Recover what was missed"
          description={
            <>
              Sends again what failed or was canceled since <RelativeTime at={since} />.
            </>
          }
          checked={recovers}
          onChange={(event) => setRecovers(event.currentTarget.checked)}
        />
      )}
      {switching.isError && <ProblemNotice error={switching.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone} data-autofocus>
          Cancel
        </Button>
        <Button
          color={webhook.enabled ? 'red.9' : undefined}
          loading={switching.isPending}
          onClick={() => switching.mutate(undefined, { onSuccess: onDone })}
        >
          {webhook.enabled ? 'Disable' : 'Enable'}
        </Button>
      </Group>
    </Stack>
  );
}

/** @returns null where nothing was missed */
function missedSince({ health, disabledAt }: Webhook): string | null {
  const at = health.failingSince ?? disabledAt;
  return at === null ? null : new Date(Date.parse(at) - BEFORE_MS).toISOString();
}

function doneText({ url, enabled }: Webhook, recovers: boolean): string {
  if (enabled) return `${url} is disabled.`;
  return recovers ? `${url} is enabled, and what it missed is on its way.` : `${url} is enabled.`;
}
