import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { lazyComponent } from '../../ui/lazy-component';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusFallback } from '../../ui/use-focus-fallback';
import type { OpenDialog } from './webhook-dialogs';
import { WebhooksTable } from './webhooks-table';

/** Loaded at the same time as the data: the page shows without it. */
const WebhookDialogs = lazyComponent(() => import('./webhook-dialogs'), 'WebhookDialogs');

/** Where the store's events are sent to. */
export function WebhooksPage() {
  const { key: store, manages } = useStore();
  const webhooks = useQuery(webhooksQuery(store));
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const addButton = useFocusFallback(dialog !== null);
  const add = manages && (
    <Button ref={addButton} leftSection={<Icon name="plus" />} onClick={() => setDialog({ act: 'add' })}>
      Add Webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      description="Each event of the types that you choose is signed and sent to a URL of yours, and again until it arrives."
      actions={webhooks.data?.length === 0 ? undefined : add}
    >
      {webhooks.isError && <ProblemNotice error={webhooks.error} onRetry={() => void webhooks.refetch()} />}
      {!webhooks.isLoadingError && (
        <WebhooksTable
          webhooks={webhooks.data}
          emptyAction={add}
          onAct={(act, webhook) => setDialog({ act, webhook })}
        />
      )}
      <Suspense>
        <WebhookDialogs dialog={dialog} onClose={() => setDialog(null)} />
      </Suspense>
    </Page>
  );
}
