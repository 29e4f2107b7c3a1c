import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { leave } from '../../session/leave';
import { useMe } from '../../session/use-me';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { NameForm } from './name-form';
import { PasswordPanel } from './password-panel';
import { SecondFactorPanel } from './second-factor-panel';

/** What people change of themselves, and how they prove that it is them. */
export function AccountPage() {
  const { email } = useMe();
  return (
    <Page title="Account" description={<>You are signed in as {email}.</>}>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Panel title="Name">
          <NameForm />
        </Panel>
        <SecondFactorPanel />
        <PasswordPanel />
        <Panel title="Sessions">
          <Stack align="flex-start">
            <Text size="sm" c="dimmed">
              Ends every session of yours, on every device and here, from the next request on.
            </Text>
            <Button
              variant="default"
              leftSection={<Icon name="logout" size={16} />}
              onClick={() => void leave('everywhere')}
            >
              Sign out everywhere
            </Button>
          </Stack>
        </Panel>
      </SimpleGrid>
    </Page>
  );
}
