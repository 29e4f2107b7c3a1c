import { Button, type ButtonProps, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { isProblem } from '../../api/problem-error';
import { PasswordField } from '../../ui/password-field';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';

interface PasswordProofProps {
  /** Says what will happen. */
  readonly children: string;
  /** The verb on the button. */
  readonly action: string;
  readonly color?: ButtonProps['color'];
  /** What is done with the password, as a mutation has it. */
  readonly act: { mutate: (password: string) => void; readonly isPending: boolean; readonly error: Error | null };
  readonly onCancel: () => void;
}

/** Asks for the password before something that changes how a person signs in. */
export function PasswordProof({ children, action, color, act, onCancel }: PasswordProofProps) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { password: '' } });
  const { ref } = useFocusOnRefusal(act.error);
  return (
    <form ref={ref} onSubmit={form.onSubmit(({ password }) => act.mutate(password))}>
      <Stack>
        <Text size="sm">{children}</Text>
        <PasswordField
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          key={form.key('password')}
          {...form.getInputProps('password')}
          error={isProblem(act.error, 'confirmation_failed')}
        />
        {act.error !== null && <ProblemNotice error={act.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color={color} loading={act.isPending}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
