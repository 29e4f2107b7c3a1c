import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { signOut } from '../api/session';
import { useMe } from '../session/use-me';
import { Icon } from '../ui/icon';
import { toastProblem } from '../ui/toast';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const me = useMe();
  const name = me.name || (me.email ?? 'a guest');
  const leave = async (scope: 'here' | 'everywhere') => {
    try {
      await signOut(scope);
      // A fresh page keeps nothing of what this person saw.
      window.location.assign('/sign-in');
    } catch (error) {
      toastProblem(error);
    }
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${name}`}>
          <Avatar color="signpost" size={34}>
            <Icon name="user-circle" size={22} />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {name}
          </Text>
          <Text size="xs" truncate>
            {me.portal ? 'Signed in by a link of the store' : me.email}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="logout" size={16} />} onClick={() => void leave('here')}>
          Sign out
        </Menu.Item>
        {!me.portal && (
          <Menu.Item leftSection={<Icon name="shield-lock" size={16} />} onClick={() => void leave('everywhere')}>
            Sign out everywhere
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
