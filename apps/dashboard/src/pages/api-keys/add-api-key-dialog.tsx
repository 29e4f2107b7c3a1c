import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { apiKeysQuery, createApiKey, readApiKeys, revealApiKey } from '../../api/api-keys';
import { hasMembers } from '../../api/changed-members';
import type { Schemas } from '../../api/client';
import { fieldErrors } from '../../api/field-errors';
import { useIdentity } from '../../session/identity';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { useCopyFirst } from '../../ui/use-copy-first';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { useMakeOnce } from '../../ui/use-make-once';
import { ApiKeyFields } from './api-key-fields';
import { type ApiKeyValues, requestOf, valuesOf } from './api-key-values';
import { NewCredentials, UNCOPIED_SECRET } from './new-credentials';

type CreatedApiKey = Schemas['CreatedApiKeyView'];

interface AddApiKeyDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** While this mutation runs the dialog stays open: it will show the secret of the new key. */
const CREATION = ['create-api-key'];

/** Makes a key, then shows it and its secret to be copied, in the same dialog. */
export function AddApiKeyDialog({ opened, onClose }: AddApiKeyDialogProps) {
  const [created, setCreated] = useState<CreatedApiKey | null>(null);
  const { close, setUncopied, notice } = useCopyFirst({
    ...UNCOPIED_SECRET,
    mutationKey: CREATION,
    onClose: () => {
      setCreated(null);
      onClose();
    },
  });
  const show = (apiKey: CreatedApiKey) => {
    setCreated(apiKey);
    setUncopied(true);
  };
  return (
    <Dialog opened={opened} onClose={close} title="Add API" size="lg">
      {opened && (
        <Stack>
          {created === null ? (
            <NewKeyForm onCreated={show} onCancel={close} />
          ) : (
            <CreatedKey created={created} onCopied={() => setUncopied(false)} onDone={close} />
          )}
          {notice}
        </Stack>
      )}
    </Dialog>
  );
}

interface CreatedKeyProps {
  readonly created: CreatedApiKey;
  readonly onCopied: () => void;
  readonly onDone: () => void;
}

function CreatedKey({ created, onCopied, onDone }: CreatedKeyProps) {
  return (
    <>
      <Alert color="teal" variant="light" icon={<Icon name="check" />} role="status">
        The key is saved{created.activated ? ' and works from now on' : '; it is not activated yet'}. Copy both into
        your program.
      </Alert>
      <NewCredentials apiKey={created.key} secret={created.secret} onCopied={onCopied} />
      <Group justify="flex-end">
        <Button onClick={onDone} autoFocus>
          Done
        </Button>
      </Group>
    </>
  );
}

function NewKeyForm({ onCreated, onCancel }: { onCreated: (apiKey: CreatedApiKey) => void; onCancel: () => void }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const form = useForm<ApiKeyValues>({ initialValues: valuesOf(null) });
  const create = useCreation(store);
  const creation = useMutation({
    mutationKey: CREATION,
    mutationFn: create,
    onSuccess: () => void queryClient.invalidateQueries(apiKeysQuery(store)),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref } = useFocusOnRefusal(creation.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit((values) => creation.mutate(values, { onSuccess: onCreated }))}>
      <Stack>
        <ApiKeyFields form={form} />
        <Text size="sm" c="dimmed">
          Key and secret are generated when you save, and shown here to be copied.
        </Text>
        {creation.isError && <ProblemNotice error={creation.error} doing="making" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={creation.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** @returns what makes the key; one that was made already, but whose answer was lost, is revealed instead */
function useCreation(store: string): (values: ApiKeyValues) => Promise<CreatedApiKey> {
  const withIdentity = useIdentity();
  const once = useMakeOnce(apiKeysQuery(store).queryKey, () => readApiKeys(store));
  return (values) => {
    const request = requestOf(values);
    return once({
      make: () => createApiKey(store, request),
      isIt: (apiKey) => hasMembers(requestOf(valuesOf(apiKey)), request),
      adopt: async (apiKey) => ({ ...apiKey, ...(await withIdentity(() => revealApiKey(store, apiKey.id))) }),
    });
  };
}
