import { queryOptions } from '@tanstack/react-query';
import { everyPage } from './every-page';
import { request } from './request';
import type { Role } from './session';

/** Somebody who may see a store. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly since: string;
}

/** Somebody who has been asked to join a store, and has not yet answered. */
export interface OpenInvitation {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: string;
}

interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

export const membersQuery = (store: string) => peopleQuery<Member>(store, 'members');

/** Those that can still be accepted. */
export const invitationsQuery = (store: string) => peopleQuery<OpenInvitation>(store, 'invitations');

export async function changeRole(store: string, id: string, role: Role): Promise<void> {
  await request('PATCH', at(store, `members/${id}`), { role });
}

export async function removeMember(store: string, id: string): Promise<void> {
  await request('DELETE', at(store, `members/${id}`));
}

/** @returns with the link that lets the invited in; nobody sees it again */
export function invite(store: string, email: string, role: Role): Promise<OpenInvitation & { readonly link: string }> {
  return request('POST', at(store, 'invitations'), { email, role });
}

export async function withdrawInvitation(store: string, id: string): Promise<void> {
  await request('DELETE', at(store, `invitations/${id}`));
}

function peopleQuery<Item>(store: string, list: 'members' | 'invitations') {
  return queryOptions({
    queryKey: ['stores', store, list],
    queryFn: () =>
      everyPage((cursor) => {
        const query = new URLSearchParams({ limit: '250', ...(cursor !== undefined && { cursor }) });
        return request<Page<Item>>('GET', at(store, `${list}?${query.toString()}`));
      }),
  });
}

function at(store: string, path: string): string {
  return `/stores/${encodeURIComponent(store)}/${path}`;
}
