import { Code, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery } from '../../api/session';
import { deleteStore, type Store, storesQuery } from '../../api/stores';
import { useIdentity } from '../../session/identity';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { toastDone } from '../../ui/toast';

interface DeleteStoreDialogProps {
  /** Null: the dialog is closed. */
  readonly store: Store | null;
  readonly onClose: () => void;
}

/** Asks for the key of the store, so that nobody deletes another store by mistake. */
export function DeleteStoreDialog({ store, onClose }: DeleteStoreDialogProps) {
  const withIdentity = useIdentity();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState('');
  const close = () => {
    setTyped('');
    onClose();
  };
  const confirm = async () => {
    if (store === null) return;
    await withIdentity(() => deleteStore(store.key));
    queryClient.setQueryData(storesQuery.queryKey, (list) => list?.filter(({ id }) => id !== store.id));
    // The store switcher listed the store as well.
    await Promise.all([queryClient.invalidateQueries(storesQuery), queryClient.invalidateQueries(meQuery)]);
    toastDone(`${store.name} is deleted. Its keys are refused, and nothing more is sent.`);
  };
  return (
    <ConfirmDialog
      opened={store !== null}
      title="Delete this store?"
      action="Delete store"
      disabled={typed.trim() !== store?.key}
      onConfirm={confirm}
      onClose={close}
    >
      <Text size="sm">
        The API keys of <b>{store?.name}</b> are refused at once, nothing more is sent to its webhooks, and what waits
        for them is canceled. Its members lose their access. What was done stays in the audit log. This cannot be
        undone.
      </Text>
      <TextInput
        label={
          <>
            Type <Code>{store?.key}</Code> to confirm
          </>
        }
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
