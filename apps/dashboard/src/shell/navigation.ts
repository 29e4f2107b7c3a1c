import type { Me } from '../api/session';
import type { StoreAccess } from '../session/access';
import type { IconName } from '../ui/icon-paths';

/** A link of the navigation. */
export interface NavigationLink {
  readonly label: string;
  readonly icon: IconName;
  readonly to: string;
  /** Whether pages below this address belong to other links. */
  readonly exact?: boolean;
}

export interface NavigationGroup {
  /** Null for the links at the top. */
  readonly title: string | null;
  readonly links: readonly NavigationLink[];
}

/** What a person finds in a store, in the order of the navigation. */
export function storeNavigation(store: StoreAccess, me: Me): readonly NavigationGroup[] {
  const at = (path: string) => `/store/${store.key}/${path}`;
  const webhooks: NavigationLink = { label: 'Webhooks', icon: 'webhook', to: at('settings/webhooks') };
  const deliveries: NavigationLink = { label: 'Deliveries', icon: 'send', to: at('deliveries') };
  const eventTypes: NavigationLink = { label: 'Event catalogue', icon: 'list-check', to: at('event-types') };
  if (me.portal) return [{ title: null, links: [webhooks, deliveries, eventTypes] }];
  return [
    {
      title: null,
      links: [
        { label: 'Overview', icon: 'home', to: `/store/${store.key}`, exact: true },
        { label: 'Events', icon: 'bolt', to: at('events') },
        deliveries,
        eventTypes,
      ],
    },
    {
      title: 'Settings',
      links: [
        { label: 'API', icon: 'key', to: at('settings/api') },
        webhooks,
        { label: 'Members', icon: 'users', to: at('settings/members') },
        { label: 'Audit log', icon: 'history', to: at('audit-log') },
      ],
    },
  ];
}

/** The operator's pages that belong to no store. */
export function operatorNavigation(me: Me): readonly NavigationGroup[] {
  if (!me.operator) return [];
  return [
    {
      title: 'Operation',
      links: [
        { label: 'Stores', icon: 'building-store', to: '/stores' },
        { label: 'System', icon: 'gauge', to: '/system' },
        { label: 'Audit log of all', icon: 'history', to: '/audit-log' },
      ],
    },
  ];
}
