import { Button, type ButtonProps, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ProblemNotice } from '../../ui/problem-notice';

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
  return (
    <form onSubmit={form.onSubmit(({ password }) => act.mutate(password))}>
      <Stack>
        <Text size="sm">{children}</Text>
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          key={form.key('password')}
          {...form.getInputProps('password')}
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
