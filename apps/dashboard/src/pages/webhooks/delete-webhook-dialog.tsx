import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { deleteWebhook, type Webhook, webhooksQuery } from '../../api/webhooks';
import { useIdentity } from '../../session/identity';
import { useStore } from '../../session/use-me';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { shortened } from '../../ui/shortened';
import { toastDone } from '../../ui/toast';
import { visibleText } from '../../ui/visible-text';

interface DeleteWebhookDialogProps {
  /** Null: the dialog is closed. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
}

export function DeleteWebhookDialog({ webhook, onClose }: DeleteWebhookDialogProps) {
  const { key: store } = useStore();
  const withIdentity = useIdentity();
  const queryClient = useQueryClient();
  const confirm = async () => {
    if (webhook === null) return;
    await withIdentity(() => deleteWebhook(store, webhook.id));
    queryClient.setQueryData(webhooksQuery(store).queryKey, (list) => list?.filter(({ id }) => id !== webhook.id));
    await queryClient.invalidateQueries(webhooksQuery(store));
    toastDone(`${webhook.url} is deleted. Nothing more is sent to it.`);
  };
  return (
    <ConfirmDialog
      opened={webhook !== null}
      title="Delete this webhook?"
      action="Delete"
      onConfirm={confirm}
      onClose={onClose}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        Nothing more is sent to <b>{shortened(visibleText(webhook?.url ?? ''))}</b>, and what waits for it is canceled.
        What was sent stays in the log. To pause it, disable it instead.
      </Text>
    </ConfirmDialog>
  );
}
