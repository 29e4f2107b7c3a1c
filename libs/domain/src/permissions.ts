/** What event types and permissions are about. */
export const RESOURCES = ['customers', 'orders', 'products', 'categories'] as const;
export type Resource = (typeof RESOURCES)[number];

/** Everything an API key can be allowed to do: publish (`write`) or read back (`read`) the events of one resource. */
export const PERMISSIONS = [
  'customers:read',
  'customers:write',
  'orders:read',
  'orders:write',
  'products:read',
  'products:write',
  'categories:read',
  'categories:write',
] as const satisfies readonly `${Resource}:${'read' | 'write'}`[];
export type Permission = (typeof PERMISSIONS)[number];

const known: ReadonlySet<unknown> = new Set(PERMISSIONS);

/** Whether a value from outside is one of {@link PERMISSIONS}, spelled exactly. */
export function isPermission(value: unknown): value is Permission {
  return known.has(value);
}
