import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from './client';
import { everyPage } from './every-page';
import type { Role } from './session';

/** Somebody who may see a store. */
export type Member = Schemas['MemberView'];

/** Somebody who has been asked to join a store, and has not yet answered. */
export type OpenInvitation = Schemas['InvitationView'];

const MEMBERS = '/api/v1/stores/{store}/members';
const INVITATIONS = '/api/v1/stores/{store}/invitations';

export const membersQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'members'],
    queryFn: () =>
      everyPage((cursor) => bodyOf(api.GET(MEMBERS, { params: { path: { store }, query: { limit: 250, cursor } } }))),
  });

/** The invitations that can still be accepted. */
export const invitationsQuery = (store: string) =>
  queryOptions({
    queryKey: ['stores', store, 'invitations'],
    queryFn: () =>
      everyPage((cursor) =>
        bodyOf(api.GET(INVITATIONS, { params: { path: { store }, query: { limit: 250, cursor } } })),
      ),
  });

export async function changeRole(store: string, id: string, role: Role): Promise<void> {
  await api.PATCH(`${MEMBERS}/{id}`, { params: { path: { store, id } }, body: { role } });
}

export async function removeMember(store: string, id: string): Promise<void> {
  await api.DELETE(`${MEMBERS}/{id}`, { params: { path: { store, id } } });
}

/** @returns the invitation with its link, which cannot be seen again */
export function invite(store: string, email: string, role: Role): Promise<Schemas['CreatedInvitationView']> {
  return bodyOf(api.POST(INVITATIONS, { params: { path: { store } }, body: { email, role } }));
}

export async function withdrawInvitation(store: string, id: string): Promise<void> {
  await api.DELETE(`${INVITATIONS}/{id}`, { params: { path: { store, id } } });
}
