/** What a person may be in a store, the most powerful first: each may do what the ones after it may. */
export const ROLES = ['owner', 'admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** What somebody can be who comes through a portal link: never an owner, because a portal has no members. */
export const PORTAL_ROLES = ['admin', 'viewer'] as const satisfies readonly Role[];
export type PortalRole = (typeof PORTAL_ROLES)[number];

/** Whether `role` may do what asks for `needed`. */
export function includesRole(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(needed);
}
