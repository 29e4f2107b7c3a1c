import type { ApiKey, Permission } from '../../api/api-keys';
import { capitalized } from '../../ui/capitalized';

export const RESOURCES = ['customers', 'orders', 'products', 'categories'] as const;
export const ACTIONS = ['read', 'write'] as const;

/** Every permission, in the order in which they are shown. */
export const PERMISSIONS = RESOURCES.flatMap((resource) =>
  ACTIONS.map((action): Permission => `${resource}:${action}`),
);

/** What a key may do, in a line. */
export function permissionSummary({ permissions }: Pick<ApiKey, 'permissions'>): string {
  const parts = RESOURCES.flatMap((resource) => {
    const may = ACTIONS.filter((action) => permissions.includes(`${resource}:${action}`));
    return may.length === 0 ? [] : [`${capitalized(resource)}: ${may.join(', ')}`];
  });
  return parts.length === 0 ? 'No permissions: it signs only' : parts.join(' · ');
}
