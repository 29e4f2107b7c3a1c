import {
  assertNever,
  type ApiKeyId,
  encodeId,
  includesRole,
  type Permission,
  type PersonId,
  type PortalId,
  type PortalRole,
  type Role,
  SignpostError,
  type StoreId,
} from '@signpost/domain';

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

/** Somebody who signed in: may act in stores, by the role in each. */
export interface PersonCaller {
  readonly kind: 'person';
  readonly personId: PersonId;
  /** May do everything, in every store. */
  readonly operator: boolean;
  /** In the route's store; null: none, or the route has no store. */
  readonly role: Role | null;
  /** Until when the sign-in is recent enough for sensitive acts; null: it is not. */
  readonly recentUntil: Date | null;
  /** Of the session's token. */
  readonly sessionHash: Buffer;
}

/** Somebody who came by a portal link: may act in one store, for a short while. */
export interface PortalCaller {
  readonly kind: 'portal';
  readonly portalId: PortalId;
  readonly storeId: StoreId;
  readonly storeKey: string;
  readonly storeName: string;
  readonly role: PortalRole;
  readonly recentUntil: Date | null;
}

/** Who makes a request. */
export type Caller = OperatorCaller | ApiKeyCaller | PersonCaller | PortalCaller;

/** The id by which the audit log names somebody with a session, in its wire form: the person's, or that of the portal link they came by. */
export function idByHand(caller: PersonCaller | PortalCaller): string {
  return caller.kind === 'person' ? encodeId('person', caller.personId) : encodeId('portal', caller.portalId);
}

/** Whether the caller may do what `permission` allows. People need the role of admin to write, and that of viewer to read. */
export function permits(caller: Caller, permission: Permission): boolean {
  switch (caller.kind) {
    case 'operator':
      return true;
    case 'api_key':
      return caller.permissions.has(permission);
    case 'person':
    case 'portal':
      return hasRole(caller, permission.endsWith(':read') ? 'viewer' : 'admin');
    default:
      return assertNever(caller);
  }
}

/** Whether the caller's role in the route's store is `needed` or includes it. An operator has every role. */
export function hasRole(caller: PersonCaller | PortalCaller, needed: Role): boolean {
  if (caller.kind === 'person' && caller.operator) return true;
  return caller.role !== null && includesRole(caller.role, needed);
}

/** As {@link permits}, and notes the permission as exercised when the caller is an API key that has it. */
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
