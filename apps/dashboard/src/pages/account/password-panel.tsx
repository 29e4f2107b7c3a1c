import { Text } from '@mantine/core';
import { useMe } from '../../session/use-me';
import { useOpenId } from '../../session/use-open-id';
import { Panel } from '../../ui/panel';
import { NewPasswordForm } from './new-password-form';

/** Changes the password, for people who have one. */
export function PasswordPanel() {
  const { hasPassword } = useMe();
  const { name } = useOpenId();
  return (
    <Panel title="Password">
      {hasPassword ? <NewPasswordForm /> : <Text size="sm">You sign in with {name}, and have no password here.</Text>}
    </Panel>
  );
}
