import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { fieldErrors } from '../../api/field-errors';
import { meQuery } from '../../api/session';
import { createStore, type Store, storesQuery } from '../../api/stores';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

interface CreateStoreDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes a store, and leads to its first steps. */
export function CreateStoreDialog({ opened, onClose }: CreateStoreDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Create a store">
      {opened && <CreateStoreForm onDone={onClose} />}
    </Dialog>
  );
}

function CreateStoreForm({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', key: '' },
    validate: { key: keyProblem },
  });
  const creation = useMutation({
    mutationFn: ({ name, key }: Pick<Store, 'name' | 'key'>) => createStore({ name: name.trim(), key: key.trim() }),
    // The store switcher lists the store as well.
    onSuccess: () => Promise.all([queryClient.invalidateQueries(storesQuery), queryClient.invalidateQueries(meQuery)]),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref, refused } = useFocusOnRefusal(creation.error, creation.reset);
  const open = ({ key }: Store) => {
    onDone();
    void navigate({ to: '/store/$store', params: { store: key } });
  };
  return (
    <form ref={ref} onSubmit={form.onSubmit((store) => creation.mutate(store, { onSuccess: open }), refused)}>
      <Stack>
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Key"
          description="Names the store in every address, and stays: lower-case letters, digits and hyphens."
          required
          withAsterisk={false}
          key={form.key('key')}
          {...form.getInputProps('key')}
        />
        {creation.isError && <ProblemNotice error={creation.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={creation.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** @returns what is wrong with a key; the API has the last word */
function keyProblem(key: string): string | null {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(key.trim()) ? null : 'Use lower-case letters, digits and hyphens.';
}
