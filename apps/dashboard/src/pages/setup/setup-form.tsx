import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { fieldErrors } from '../../api/field-errors';
import { meQuery, setUp } from '../../api/session';
import { newPasswordProblem } from '../../session/new-password';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { PersonFields } from '../person-fields';

export function SetupForm({ token }: { token: string }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', email: '', password: '' },
    validate: { password: newPasswordProblem },
  });
  const making = useMutation({
    mutationFn: async (person: { name: string; email: string; password: string }) => {
      await setUp({ token, ...person });
      await queryClient.resetQueries(meQuery);
      await navigate({ to: '/', replace: true });
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref, refused } = useFocusOnRefusal(making.error, making.reset);
  return (
    <form ref={ref} onSubmit={form.onSubmit((person) => making.mutate(person), refused)}>
      <Stack>
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PersonFields form={form} />
        {making.isError && <ProblemNotice error={making.error} />}
        <Button type="submit" loading={making.isPending} fullWidth>
          Create the account
        </Button>
      </Stack>
    </form>
  );
}
