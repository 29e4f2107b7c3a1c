import { NavLink, Text } from '@mantine/core';
import { Link, useLocation, useParams } from '@tanstack/react-router';
import { accessTo } from '../session/access';
import { useMe } from '../session/use-me';
import { Icon } from '../ui/icon';
import { type NavigationGroup, type NavigationLink, operatorNavigation, storeNavigation } from './navigation';
import classes from './navigation-links.module.css';

/** The links to all pages that this person has, in the store of the address and beside it. */
export function Navigation() {
  const me = useMe();
  const { store: storeKey } = useParams({ strict: false });
  const store = storeKey === undefined ? null : accessTo(me, storeKey);
  const groups = [...(store === null ? [] : storeNavigation(store, me)), ...operatorNavigation(me)];
  return groups.map((group) => <Group key={group.title ?? ''} group={group} />);
}

function Group({ group: { title, links } }: { group: NavigationGroup }) {
  return (
    <section className={classes.group} aria-label={title ?? 'Store'}>
      {title !== null && (
        <Text className={classes.title} aria-hidden>
          {title}
        </Text>
      )}
      <ul className={classes.list}>
        {links.map((link) => (
          <li key={link.to}>
            <Item link={link} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Item({ link: { label, icon, to, exact = false } }: { link: NavigationLink }) {
  const { pathname } = useLocation();
  const active = pathname.replace(/\/$/, '') === to || (!exact && pathname.startsWith(`${to}/`));
  return (
    <NavLink
      renderRoot={(props) => <Link to={to} activeOptions={{ exact, includeSearch: false }} {...props} />}
      label={label}
      leftSection={<Icon name={icon} />}
      active={active}
      aria-current={active ? 'page' : undefined}
      className={classes.link}
    />
  );
}
