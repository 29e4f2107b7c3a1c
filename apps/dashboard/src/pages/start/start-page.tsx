import { Anchor, SimpleGrid, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../session/use-me';
import { EmptyState } from '../../ui/empty-state';
import { Page } from '../../ui/page';
import classes from './start-page.module.css';

/** The stores of somebody who has several. */
export function StartPage() {
  const { stores } = useMe();
  if (stores.length === 0) {
    return (
      <Page title="Stores">
        <EmptyState icon="building-store" title="You are in no store yet">
          An owner of a store invites you by mail address; then the store is here.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Stores" description="Choose the store whose webhooks and API keys you want to see.">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="ul" className={classes.stores}>
        {stores.map(({ key, name, role }) => (
          <li key={key} className={classes.store}>
            <Anchor fw={600} className={classes.link} renderRoot={(props) => <Link to={`/store/${key}`} {...props} />}>
              {name}
            </Anchor>
            <Text size="sm" c="dimmed">
              {key} · {role}
            </Text>
          </li>
        ))}
      </SimpleGrid>
    </Page>
  );
}
