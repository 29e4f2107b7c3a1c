import { AppShell, Burger, Group, ScrollArea } from '@mantine/core';
import { Link, Outlet } from '@tanstack/react-router';
import { IdentityProvider } from '../session/identity';
import { AccountMenu } from './account-menu';
import { Brand } from './brand';
import { ColorSchemeSwitch } from './color-scheme-switch';
import { Navigation } from './navigation-links';
import classes from './shell.module.css';
import { StoreSwitcher } from './store-switcher';
import { usePhoneNavigation } from './use-phone-navigation';

/** What is around every page of somebody who is signed in. */
export function Shell() {
  const { opened, open, leave, openButton, closeButton, onKeyDown } = usePhoneNavigation();
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
              <Burger ref={openButton} onClick={open} size="sm" aria-label="Navigation" aria-expanded={opened} />
              <Brand />
            </Group>
            <Group gap="xs" ml="auto" wrap="nowrap">
              <ColorSchemeSwitch />
              <AccountMenu />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar
          className={classes.navbar}
          mod={{ collapsed: !opened }}
          aria-label="Main"
          onKeyDown={onKeyDown}
        >
          <Group h={56} px="md" justify="space-between" wrap="nowrap">
            <Link to="/" className={classes.home} aria-label="Signpost, start page">
              <Brand />
            </Link>
            <Burger ref={closeButton} opened onClick={leave} size="sm" hiddenFrom="sm" aria-label="Close navigation" />
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
