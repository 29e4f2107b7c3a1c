import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { isProblem } from '../../api/problem-error';
import { enterSecondFactor } from '../../api/session';
import { withoutSpaces } from '../../session/without-spaces';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

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
  const { ref } = useFocusOnRefusal(entry.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit(({ code }) => entry.mutate(withoutSpaces(code)))}>
      <Stack>
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          autoFocus
          key={form.key('code')}
          {...form.getInputProps('code')}
          error={isProblem(entry.error, 'sign_in_failed')}
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
