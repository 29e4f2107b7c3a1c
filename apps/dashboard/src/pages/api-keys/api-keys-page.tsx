import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiKey, apiKeysQuery } from '../../api/api-keys';
import { useStore } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusFallback } from '../../ui/use-focus-fallback';
import { AddApiKeyDialog } from './add-api-key-dialog';
import { ApiKeysTable } from './api-keys-table';
import { DeleteApiKeyDialog } from './delete-api-key-dialog';
import { EditApiKeyDialog } from './edit-api-key-dialog';

type Dialog = { readonly kind: 'add' } | { readonly kind: 'edit' | 'delete'; readonly apiKey: ApiKey };

/** The store's API keys: who may publish its events, and whose secret signs what webhooks receive. */
export function ApiKeysPage() {
  const { key: store, manages } = useStore();
  const apiKeys = useQuery(apiKeysQuery(store));
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const addButton = useFocusFallback(dialog !== null);
  const close = () => setDialog(null);
  const add = manages && (
    <Button ref={addButton} leftSection={<Icon name="plus" />} onClick={() => setDialog({ kind: 'add' })}>
      Add API
    </Button>
  );
  return (
    <Page
      title="API"
      description="An API key lets your own software publish events, and its secret signs what your webhooks receive."
      actions={apiKeys.data?.length === 0 ? undefined : add}
    >
      {apiKeys.isError && <ProblemNotice error={apiKeys.error} onRetry={() => void apiKeys.refetch()} />}
      {!apiKeys.isLoadingError && (
        <ApiKeysTable
          apiKeys={apiKeys.data}
          emptyAction={add}
          onEdit={(apiKey) => setDialog({ kind: 'edit', apiKey })}
          onDelete={(apiKey) => setDialog({ kind: 'delete', apiKey })}
        />
      )}
      <AddApiKeyDialog opened={dialog?.kind === 'add'} onClose={close} />
      <EditApiKeyDialog apiKey={dialog?.kind === 'edit' ? dialog.apiKey : null} onClose={close} />
      <DeleteApiKeyDialog apiKey={dialog?.kind === 'delete' ? dialog.apiKey : null} onClose={close} />
    </Page>
  );
}
