import { AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { IdentityProvider } from '../session/identity';
import { AccountMenu } from './account-menu';
import { Brand } from './brand';
import { ColorSchemeSwitch } from './color-scheme-switch';
import { Navigation } from './navigation-links';
import classes from './shell.module.css';
import { StoreSwitcher } from './store-switcher';

/** What is around every page of somebody who is signed in. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <IdentityProvider>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <AppShell
        layout="alt"
        padding={{ base: 'md', sm: 'xl' }}
        header={{ height: 56 }}
        navbar={{ width: 248, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      >
        <AppShell.Header className={classes.header}>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap" hiddenFrom="sm">
              <Burger opened={opened} onClick={toggle} size="sm" aria-label="Navigation" aria-expanded={opened} />
              <Brand />
            </Group>
            <Group gap="xs" ml="auto" wrap="nowrap">
              <ColorSchemeSwitch />
              <AccountMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar className={classes.navbar} aria-label="Main">
          <Group h={56} px="md" justify="space-between" wrap="nowrap">
            <Link to="/" className={classes.home} aria-label="Signpost, start page">
              <Brand />
            </Link>
            <Burger opened onClick={close} size="sm" hiddenFrom="sm" aria-label="Close navigation" />
          </Group>
          <StoreSwitcher />
          <ScrollArea className={classes.links} type="auto">
            <Navigation />
          </ScrollArea>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
          <Outlet />
        </AppShell.Main>
      </AppShell>
    </IdentityProvider>
  );
}
