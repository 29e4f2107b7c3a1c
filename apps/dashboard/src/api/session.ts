import { queryOptions } from '@tanstack/react-query';
import { request } from './request';

/** What a person may do in a store: a viewer reads, an admin manages keys and webhooks, an owner also members. */
export type Role = 'owner' | 'admin' | 'viewer';

export interface StoreOfMine {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
}

/** The person who is signed in. */
export interface Me {
  readonly id: string;
  readonly name: string;
  /** Null for those who came by a link of the store's own software. */
  readonly email: string | null;
  /** Runs this Signpost: everything, in every store. */
  readonly operator: boolean;
  readonly secondFactorEnabled: boolean;
  /** Until when sensitive acts need no confirmation. */
  readonly recentUntil: string | null;
  /** Came by a link of the store's own software: sees that store's webhooks and nothing else. */
  readonly portal: boolean;
  readonly stores: readonly StoreOfMine[];
}

export interface SignInOptions {
  readonly password: boolean;
  readonly oidc: { readonly name: string; readonly url: string } | null;
}

/** Whoever is signed in; fails with `unauthenticated` when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => request<Me>('GET', '/me'),
  staleTime: 60_000,
});

export const signInOptionsQuery = queryOptions({
  queryKey: ['sign-in-options'],
  queryFn: () => request<SignInOptions>('GET', '/sign-in-options'),
  staleTime: Infinity,
});

/** @returns whether a code of the second factor is still to come */
export async function signIn(credentials: { email: string; password: string }): Promise<boolean> {
  return (await request<{ secondFactor: boolean }>('POST', '/session', credentials)).secondFactor;
}

/** @param code - of the authenticator app, or one of the recovery codes */
export async function enterSecondFactor(code: string): Promise<void> {
  await request('POST', '/session/second-factor', { code });
}

export async function signOut(scope: 'here' | 'everywhere'): Promise<void> {
  await request('DELETE', scope === 'here' ? '/session' : '/sessions');
}

/** Renews the time in which sensitive acts need no confirmation. */
export async function confirmIdentity(proof: { password: string } | { code: string }): Promise<void> {
  await request('POST', '/session/confirm', proof);
}

/** Whether the first person, the operator, is still to be made. */
export async function isSetupDue(): Promise<boolean> {
  return (await request<{ due: boolean }>('GET', '/setup')).due;
}

export async function setUp(person: { token: string; name: string; email: string; password: string }): Promise<void> {
  await request('POST', '/setup', person);
}

export interface Invitation {
  readonly email: string;
  readonly storeName: string;
  readonly role: Role;
  /** Whether somebody with this address has an account already, and needs no other. */
  readonly knownPerson: boolean;
}

export async function lookAtInvitation(token: string): Promise<Invitation> {
  return request<Invitation>('POST', '/invitations/look', { token });
}

export async function acceptInvitation(acceptance: { token: string; name?: string; password?: string }): Promise<void> {
  await request('POST', '/invitations/accept', acceptance);
}

/** @returns the key of the store that the link leads to */
export async function openPortal(token: string): Promise<string> {
  return (await request<{ storeKey: string }>('POST', '/portal-sessions', { token })).storeKey;
}
