import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { leave } from '../session/leave';
import { useMe } from '../session/use-me';
import { Icon } from '../ui/icon';

/** Shows who is signed in, and leads to their account and to the sign-out. */
export function AccountMenu() {
  const me = useMe();
  const name = me.name || (me.email ?? 'a guest');
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
        {!me.portal && (
          <Menu.Item
            leftSection={<Icon name="user-circle" size={16} />}
            renderRoot={(props) => <Link to="/account" {...props} />}
          >
            Account
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="logout" size={16} />} onClick={() => void leave('here')}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
