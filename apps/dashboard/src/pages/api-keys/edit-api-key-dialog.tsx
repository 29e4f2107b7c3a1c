import { Button, Divider, Group, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiKey, readApiKey, updateApiKey } from '../../api/api-keys';
import { changedMembers } from '../../api/changed-members';
import { fieldErrors } from '../../api/field-errors';
import { webhooksQuery } from '../../api/webhooks';
import { useStore } from '../../session/use-me';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { toastDone } from '../../ui/toast';
import { useCopyFirst } from '../../ui/use-copy-first';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { ApiKeyFields } from './api-key-fields';
import { type ApiKeyValues, requestOf, valuesOf } from './api-key-values';
import { keyName } from './key-name';
import { UNCOPIED_SECRET } from './new-credentials';
import { RENEWAL, RenewSecret } from './renew-secret';

interface EditApiKeyDialogProps {
  /** Null: the dialog is closed. */
  readonly apiKey: ApiKey | null;
  readonly onClose: () => void;
}

/** Changes what a key is called and may do, and renews its secret. */
export function EditApiKeyDialog({ apiKey, onClose }: EditApiKeyDialogProps) {
  const { close, setUncopied, notice } = useCopyFirst({ ...UNCOPIED_SECRET, mutationKey: RENEWAL, onClose });
  return (
    <Dialog opened={apiKey !== null} onClose={close} title="Edit API" size="lg">
      {apiKey !== null && (
        <Stack>
          <EditForm apiKey={apiKey} onDone={close} />
          <Divider />
          <RenewSecret apiKey={apiKey} onUncopied={setUncopied} />
          {notice}
        </Stack>
      )}
    </Dialog>
  );
}

function EditForm({ apiKey, onDone }: { apiKey: ApiKey; onDone: () => void }) {
  const { key: store } = useStore();
  const queryClient = useQueryClient();
  const signed = useQuery(webhooksQuery(store)).data?.filter(({ apiKeyId }) => apiKeyId === apiKey.id) ?? [];
  const form = useForm<ApiKeyValues>({ initialValues: valuesOf(apiKey) });
  const saving = useMutation({
    mutationFn: async (values: ApiKeyValues) => {
      const now = requestOf(valuesOf(await readApiKey(store, apiKey.id)));
      return updateApiKey(store, apiKey.id, changedMembers(requestOf(values), requestOf(valuesOf(apiKey)), now));
    },
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: ['stores', store] });
      toastDone(`“${keyName(saved)}” is saved.`);
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref } = useFocusOnRefusal(saving.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit((values) => saving.mutate(values, { onSuccess: onDone }))}>
      <Stack>
        <ApiKeyFields form={form} whileOff={whileOff(signed.length)} />
        {saving.isError && <ProblemNotice error={saving.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function whileOff(webhooks: number): string {
  if (webhooks === 0) return '';
  const which = webhooks === 1 ? 'The webhook that it signs is' : `The ${webhooks} webhooks that it signs are`;
  return `${which} held: deliveries wait until it signs again, or another key is assigned.`;
}
