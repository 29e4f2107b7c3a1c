import type { Me, Role } from '../api/session';

/** What a person may do in one store. */
export interface StoreAccess {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  /** Manages keys and webhooks, and may see secrets. */
  readonly manages: boolean;
  /** Also manages members. */
  readonly owns: boolean;
}

/** @returns null when the person has no role in the store; an operator may see every store */
export function accessTo(me: Me, storeKey: string): StoreAccess | null {
  const store = me.stores.find(({ key }) => key === storeKey);
  if (store === undefined && !me.operator) return null;
  const role = me.operator ? 'owner' : (store?.role ?? 'viewer');
  return { key: storeKey, name: store?.name ?? storeKey, role, manages: role !== 'viewer', owns: role === 'owner' };
}
