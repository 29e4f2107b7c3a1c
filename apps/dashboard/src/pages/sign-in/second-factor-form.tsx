import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { enterSecondFactor } from '../../api/session';
import { ProblemNotice } from '../../ui/problem-notice';

interface SecondFactorFormProps {
  readonly onSignedIn: () => Promise<void>;
  readonly onBack: () => void;
}

export function SecondFactorForm({ onSignedIn, onBack }: SecondFactorFormProps) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { code: '' } });
  const entry = useMutation({
    mutationFn: async (code: string) => {
      await enterSecondFactor(code);
      await onSignedIn();
    },
  });
  return (
    <form onSubmit={form.onSubmit(({ code }) => entry.mutate(code.trim()))}>
      <Stack>
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          autoFocus
          key={form.key('code')}
          {...form.getInputProps('code')}
        />
        {entry.isError && <ProblemNotice error={entry.error} />}
        <Button type="submit" loading={entry.isPending} fullWidth>
          Sign in
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack} fullWidth>
          Back
        </Button>
      </Stack>
    </form>
  );
}
