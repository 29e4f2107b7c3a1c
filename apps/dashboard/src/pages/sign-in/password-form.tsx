import { Button, Divider, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { signIn, signInOptionsQuery } from '../../api/session';
import { PasswordField } from '../../ui/password-field';
import { ProblemNotice } from '../../ui/problem-notice';

interface PasswordFormProps {
  readonly onSignedIn: () => Promise<void>;
  /** The password was right, and a code is still to come. */
  readonly onSecondFactor: () => void;
}

export function PasswordForm({ onSignedIn, onSecondFactor }: PasswordFormProps) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const { oidc = null } = useQuery(signInOptionsQuery).data ?? {};
  const entry = useMutation({
    mutationFn: async (credentials: { email: string; password: string }) => {
      if (await signIn(credentials)) onSecondFactor();
      else await onSignedIn();
    },
  });
  return (
    <form onSubmit={form.onSubmit((credentials) => entry.mutate(credentials))}>
      <Stack>
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordField
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        {entry.isError && <ProblemNotice error={entry.error} />}
        <Button type="submit" loading={entry.isPending} fullWidth>
          Sign in
        </Button>
        {oidc !== null && (
          <>
            <Divider label="or" />
            <Button component="a" href={oidc.url} variant="default" fullWidth>
              Sign in with {oidc.name}
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}
