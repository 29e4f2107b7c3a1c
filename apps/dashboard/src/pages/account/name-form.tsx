import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { rename } from '../../api/account';
import { fieldErrors } from '../../api/field-errors';
import { meQuery } from '../../api/session';
import { useMe } from '../../session/use-me';
import { ProblemNotice } from '../../ui/problem-notice';
import { toastDone } from '../../ui/toast';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

export function NameForm() {
  const { name } = useMe();
  const queryClient = useQueryClient();
  const form = useForm({ mode: 'uncontrolled', initialValues: { name } });
  const renaming = useMutation({
    mutationFn: rename,
    onSuccess: (me) => {
      queryClient.setQueryData(meQuery.queryKey, me);
      toastDone(`You are ${me.name} now.`);
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref } = useFocusOnRefusal(renaming.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit((values) => renaming.mutate(values.name.trim()))}>
      <Stack align="flex-start">
        <TextInput
          label="Name"
          description="The members of your stores see it."
          autoComplete="name"
          required
          withAsterisk={false}
          w="100%"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        {renaming.isError && <ProblemNotice error={renaming.error} />}
        <Button type="submit" variant="default" loading={renaming.isPending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}
