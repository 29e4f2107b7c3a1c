import { Button, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { changePassword } from '../../api/account';
import { fieldErrors } from '../../api/field-errors';
import { isProblem } from '../../api/problem-error';
import { NEW_PASSWORD_HINT, newPasswordProblem } from '../../session/new-password';
import { PasswordField } from '../../ui/password-field';
import { ProblemNotice } from '../../ui/problem-notice';
import { toastDone } from '../../ui/toast';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

export function NewPasswordForm() {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current: '', next: '' },
    validate: { next: newPasswordProblem },
  });
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      form.reset();
      toastDone('Your password is changed, and your other sessions are ended.');
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref, refused } = useFocusOnRefusal(change.error, change.reset);
  return (
    <form ref={ref} onSubmit={form.onSubmit((passwords) => change.mutate(passwords), refused)}>
      <Stack align="flex-start">
        <PasswordField
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          w="100%"
          key={form.key('current')}
          {...form.getInputProps('current')}
          error={form.errors['current'] ?? isProblem(change.error, 'confirmation_failed')}
        />
        <PasswordField
          label="New password"
          description={NEW_PASSWORD_HINT}
          autoComplete="new-password"
          required
          withAsterisk={false}
          w="100%"
          key={form.key('next')}
          {...form.getInputProps('next')}
        />
        {change.isError && <ProblemNotice error={change.error} />}
        <Button type="submit" variant="default" loading={change.isPending}>
          Change password
        </Button>
      </Stack>
    </form>
  );
}
