import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';

/** The person who is signed in, or who came by a link of the store's own software. */
export type Me = Schemas['MeView'];
export type StoreOfMine = Me['stores'][number];

/** What a person may do in a store: a viewer reads, an admin manages keys and webhooks, an owner also members. */
export type Role = StoreOfMine['role'];

/** What the link of an invitation leads to. */
export type Invitation = Schemas['InvitationSightView'];

/** The person who is signed in; fails with `unauthenticated` when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => bodyOf(api.GET('/api/v1/me')),
  staleTime: 60_000,
});

export const signInOptionsQuery = queryOptions({
  queryKey: ['sign-in-options'],
  queryFn: () => bodyOf(api.GET('/api/v1/sign-in-options')),
  staleTime: Infinity,
});

/** @returns whether a code of the second factor is still to come */
export async function signIn(body: Schemas['SignInBody']): Promise<boolean> {
  return (await bodyOf(api.POST('/api/v1/session', { body }))).secondFactor;
}

/** @param code - of the authenticator app, or one of the recovery codes */
export async function enterSecondFactor(code: string): Promise<void> {
  await api.POST('/api/v1/session/second-factor', { body: { code } });
}

export async function signOut(scope: 'here' | 'everywhere'): Promise<void> {
  await api.DELETE(scope === 'here' ? '/api/v1/session' : '/api/v1/sessions');
}

/** Renews the time in which sensitive acts need no confirmation. */
export async function confirmIdentity(body: Schemas['ConfirmBody']): Promise<void> {
  await api.POST('/api/v1/session/confirm', { body });
}

/** Whether the first person, the operator, is still to be made. */
export async function isSetupDue(): Promise<boolean> {
  return (await bodyOf(api.GET('/api/v1/setup'))).due;
}

export async function setUp(body: Schemas['SetupBody']): Promise<void> {
  await api.POST('/api/v1/setup', { body });
}

export function lookAtInvitation(token: string): Promise<Invitation> {
  return bodyOf(api.POST('/api/v1/invitations/look', { body: { token } }));
}

export async function acceptInvitation(body: Schemas['AcceptInvitationBody']): Promise<void> {
  await api.POST('/api/v1/invitations/accept', { body });
}

/** @returns the key of the store that the link leads to */
export async function openPortal(token: string): Promise<string> {
  return (await bodyOf(api.POST('/api/v1/portal-sessions', { body: { token } }))).storeKey;
}
