import type { Me } from '../api/session';
import type { StoreAccess } from '../session/access';
import type { IconName } from '../ui/icon-paths';

/** A link of the navigation. */
export interface NavigationLink {
  readonly label: string;
  readonly icon: IconName;
  readonly to: string;
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
  if (me.portal) return [{ title: null, links: [webhooks] }];
  return [
    {
      title: 'Settings',
      links: [{ label: 'API', icon: 'key', to: at('settings/api') }, webhooks],
    },
  ];
}

/** What whoever runs Signpost finds beside the stores. */
export function operatorNavigation(me: Me): readonly NavigationGroup[] {
  if (!me.operator) return [];
  return [{ title: 'Operation', links: [{ label: 'Stores', icon: 'building-store', to: '/stores' }] }];
}
