import { Alert, List, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiKey, apiKeysQuery, deleteApiKey } from '../../api/api-keys';
import { isProblem } from '../../api/problem-error';
import { type Webhook, webhooksQuery } from '../../api/webhooks';
import { useIdentity } from '../../session/identity';
import { useStore } from '../../session/use-me';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { Icon } from '../../ui/icon';
import { shortened } from '../../ui/shortened';
import { toastDone } from '../../ui/toast';
import { visibleText } from '../../ui/visible-text';
import { keyName } from './key-name';

interface DeleteApiKeyDialogProps {
  /** Null: the dialog is closed. */
  readonly apiKey: ApiKey | null;
  readonly onClose: () => void;
}

/** Asks before a key goes, and says what becomes of the webhooks that it signs. */
export function DeleteApiKeyDialog({ apiKey, onClose }: DeleteApiKeyDialogProps) {
  const { key: store } = useStore();
  const withIdentity = useIdentity();
  const queryClient = useQueryClient();
  const webhooks = useQuery({ ...webhooksQuery(store), enabled: apiKey !== null });
  const signed = webhooks.data?.filter(({ apiKeyId }) => apiKeyId === apiKey?.id) ?? [];
  const confirm = async () => {
    if (apiKey === null) return;
    try {
      await withIdentity(() => deleteApiKey(store, apiKey.id, signed.length > 0));
    } catch (error) {
      // The key signs webhooks that this page does not know of yet. The person is to know whose deliveries will be held.
      if (isProblem(error, 'api_key_in_use')) await webhooks.refetch();
      throw error;
    }
    queryClient.setQueryData(apiKeysQuery(store).queryKey, (list) => list?.filter(({ id }) => id !== apiKey.id));
    await queryClient.invalidateQueries({ queryKey: ['stores', store] });
    toastDone(`“${keyName(apiKey)}” is deleted. Nobody gets in with it any more.`);
  };
  return (
    <ConfirmDialog
      opened={apiKey !== null}
      title="Delete this API key?"
      action="Delete"
      disabled={webhooks.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Text size="sm">
        “{apiKey !== null && shortened(keyName(apiKey))}” stops working at once, everywhere. Programs that use it are
        refused. This cannot be undone.
      </Text>
      {signed.length > 0 && <Held webhooks={signed} />}
    </ConfirmDialog>
  );
}

/** How many webhooks are named; with hundreds of them the button would be far below the window. */
const NAMED = 10;

function Held({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<Icon name="alert-triangle" />}
      title={webhooks.length === 1 ? 'It signs a webhook' : `It signs ${webhooks.length} webhooks`}
    >
      <List size="sm" mb="xs">
        {webhooks.slice(0, NAMED).map(({ id, url }) => (
          <List.Item key={id} style={{ overflowWrap: 'anywhere' }}>
            {shortened(visibleText(url))}
          </List.Item>
        ))}
        {webhooks.length > NAMED && <List.Item>and {webhooks.length - NAMED} more</List.Item>}
      </List>
      Nothing is lost: deliveries to {webhooks.length === 1 ? 'it' : 'them'} are held until you choose another signing
      key.
    </Alert>
  );
}
