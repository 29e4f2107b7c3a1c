import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Webhook, webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { DeleteWebhookDialog } from './delete-webhook-dialog';
import { EnableWebhookDialog } from './enable-webhook-dialog';
import { RecoverDialog } from './recover-dialog';
import { SendDummyDialog } from './send-dummy-dialog';
import type { WebhookAct } from './webhook-actions';
import { WebhookDialog } from './webhook-dialog';
import { WebhooksTable } from './webhooks-table';

type Dialog = { readonly act: 'add' } | { readonly act: WebhookAct; readonly webhook: Webhook };

/** Where the store's events are sent to. */
export function WebhooksPage() {
  const { key: store, manages } = useStore();
  const webhooks = useQuery(webhooksQuery(store));
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const close = () => setDialog(null);
  const subject = (act: WebhookAct) => (dialog?.act === act ? dialog.webhook : null);
  const add = manages && (
    <Button leftSection={<Icon name="plus" />} onClick={() => setDialog({ act: 'add' })}>
      Add Webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      description="Each event of the types that you choose is signed and sent to a URL of yours, and again until it arrives."
      actions={add}
    >
      {webhooks.isError ? (
        <ProblemNotice error={webhooks.error} onRetry={() => void webhooks.refetch()} />
      ) : (
        <WebhooksTable
          webhooks={webhooks.data}
          emptyAction={add}
          onAct={(act, webhook) => setDialog({ act, webhook })}
        />
      )}
      <WebhookDialog
        webhook={subject('edit')}
        opened={dialog?.act === 'add' || dialog?.act === 'edit'}
        onClose={close}
      />
      <SendDummyDialog webhook={subject('send')} onClose={close} />
      <EnableWebhookDialog webhook={subject('switch')} onClose={close} />
      <RecoverDialog webhook={subject('recover')} onClose={close} />
      <DeleteWebhookDialog webhook={subject('delete')} onClose={close} />
    </Page>
  );
}
