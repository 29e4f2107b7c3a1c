import { SignpostError, type ApiKeyId, type Permission, type StoreId } from '@signpost/domain';

/** Whoever holds the operator token: may do everything, in every store. */
export interface OperatorCaller {
  readonly kind: 'operator';
}

/** An API key whose secret was shown, as it was when that was checked. */
export interface RecognisedKey {
  readonly kind: 'api_key';
  readonly storeId: StoreId;
  readonly apiKeyId: ApiKeyId;
  /** The key's version that was authenticated; it grows with every change to the key. */
  readonly version: string;
  /** Whether the caller used the secret before the last rotation. */
  readonly usedPreviousSecret: boolean;
  readonly permissions: ReadonlySet<Permission>;
  /** Requests per second that it may make; null: as the configuration says. */
  readonly rateLimit: number | null;
}

/** A store's own service: may act in its store, by its permissions. */
export interface ApiKeyCaller extends RecognisedKey {
  /** The permissions that the request has made use of so far, for the counts of what keys are used for. */
  readonly exercised: Set<Permission>;
}

/** Who makes a request. */
export type Caller = OperatorCaller | ApiKeyCaller;

/** Whether the caller may do what `permission` allows. */
function permits(caller: Caller, permission: Permission): boolean {
  return caller.kind === 'operator' || caller.permissions.has(permission);
}

/** As {@link permits}; what a key may do counts as done with it. */
export function exercises(caller: Caller, permission: Permission): boolean {
  const permitted = permits(caller, permission);
  if (permitted && caller.kind === 'api_key') caller.exercised.add(permission);
  return permitted;
}

/** @throws SignpostError `forbidden` that names the permission when the caller lacks it */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (!exercises(caller, permission)) throw lacksPermission(permission);
}

/** The refusal of a caller that lacks `permission`; it names it, so that an administrator knows what to grant. */
function lacksPermission(permission: Permission): SignpostError {
  return new SignpostError('forbidden', `This needs the permission ${permission}, which the API key does not have.`, {
    details: { permission },
  });
}

/**
 * For handlers with `cachedCaller`: refuses nobody for what a remembered caller could not do a moment ago.
 *
 * @param refreshCaller - authenticates the request again, from the database
 * @returns the caller, who has all of the permissions
 * @throws SignpostError `forbidden` that names a permission, or `unauthenticated`, as the database says
 */
export async function confirmPermissions(
  caller: Caller,
  refreshCaller: () => Promise<Caller>,
  permissions: readonly Permission[],
): Promise<Caller> {
  if (permissions.every((permission) => permits(caller, permission))) return caller;
  const current = await refreshCaller();
  for (const permission of permissions) requirePermission(current, permission);
  return current;
}
