import {
  encodeId,
  hashToken,
  type InvitationId,
  mintId,
  mintToken,
  type PersonId,
  type Role,
  type StoreId,
} from '@signpost/domain';
import type { Actor, AuditLog } from '../admin/audit-log';
import { NOT_FOUND, type NotFound } from '../admin/change-store';
import type { IdPage } from '../admin/id-page';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';
import type { MemberRepository } from './member-repository';
import { actorOf, type NewPerson, type PeopleRepository } from './people-repository';

export interface Invitation {
  readonly id: InvitationId;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
}

export type InvitationCreation =
  | { readonly kind: 'created'; readonly invitation: Invitation; readonly token: string }
  /** A member has this address already; their role can be changed. */
  | { readonly kind: 'already_member' };

export type InvitationWithdrawal = { readonly kind: 'withdrawn' } | NotFound;

/** What the holder of a link is shown before they accept. */
export interface InvitationSight {
  readonly email: string;
  readonly storeName: string;
  readonly role: Role;
  /** Somebody with this address can sign in already. */
  readonly knownPerson: boolean;
}

export type InvitationAcceptance =
  | { readonly kind: 'accepted'; readonly personId: PersonId }
  /** Used, withdrawn, expired, or never there. */
  | { readonly kind: 'refused' }
  /** The invitation is for another address than that of the caller, or for one of a person who has to sign in first. */
  | { readonly kind: 'other_person' };

/** Invitations into stores. A link is good once, for the address that it was made for. */
export class InvitationRepository {
  constructor(
    private readonly sql: SqlClient,
    private readonly people: PeopleRepository,
    private readonly members: MemberRepository,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  /** Invites an address; an earlier invitation of it into the same store ends. */
  async create(
    storeId: StoreId,
    { email, role }: { email: string; role: Role },
    actor: Actor,
  ): Promise<InvitationCreation> {
    const id = mintId('invitation', this.nowMs());
    const token = mintToken();
    const address = email.toLowerCase();
    return this.sql.transaction(async (runner) => {
      if ((await runner.run(FIND_MEMBER, [storeId, address])).length > 0) return { kind: 'already_member' };
      const [invitation] = await runner.run<Invitation>(CREATE, [id, storeId, address, role, hashToken(token)]);
      if (invitation === undefined) throw new Error('The invitation was not inserted.');
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'invitation.created',
        objectId: encodeId('invitation', id),
        after: { email: address, role },
      });
      return { kind: 'created', invitation, token };
    });
  }

  /** The invitations that can still be accepted. */
  list(storeId: StoreId, { limit, before }: IdPage): Promise<Invitation[]> {
    return this.sql.run<Invitation>(LIST, [storeId, before, limit]);
  }

  async withdraw(storeId: StoreId, id: InvitationId, actor: Actor): Promise<InvitationWithdrawal> {
    return this.sql.transaction(async (runner) => {
      const [gone] = await runner.run<{ email: string; role: Role }>(WITHDRAW, [storeId, id]);
      if (gone === undefined) return NOT_FOUND;
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'invitation.withdrawn',
        objectId: encodeId('invitation', id),
        before: gone,
      });
      return { kind: 'withdrawn' };
    });
  }

  /** @returns null for a token that lets nobody in */
  async look(token: string): Promise<InvitationSight | null> {
    const [sight] = await this.sql.run<InvitationSight>(LOOK, [hashToken(token)]);
    return sight ?? null;
  }

  /** Adds the invited person to the installation and to the store, all or nothing. */
  async acceptAsNew(
    token: string,
    { name, passwordHash }: Omit<NewPerson, 'email'>,
    address: string | null,
  ): Promise<InvitationAcceptance> {
    return this.accept(token, async (runner, { email }) => {
      const personId = await this.people.add(runner, { name, email, passwordHash }, false, address);
      return personId === null ? null : { personId, actor: actorOf(personId, address) };
    });
  }

  /** Makes somebody who is signed in a member of the store. */
  async acceptAs(token: string, personId: PersonId, actor: Actor): Promise<InvitationAcceptance> {
    const profile = await this.people.findProfile(personId);
    return this.accept(token, async (_runner, { email }) => (profile?.email === email ? { personId, actor } : null));
  }

  private async accept(
    token: string,
    identify: (runner: SqlRunner, used: UsedInvitation) => Promise<{ personId: PersonId; actor: Actor } | null>,
  ): Promise<InvitationAcceptance> {
    try {
      return await this.sql.transaction(async (runner) => {
        const [used] = await runner.run<UsedInvitation>(USE, [hashToken(token)]);
        if (used === undefined) return { kind: 'refused' };
        const person = await identify(runner, used);
        // Undoes the use of the link: it stays good for the person for whom it was made.
        if (person === null) throw OTHER_PERSON;
        await this.members.add(runner, used.storeId, person.personId, used.role, person.actor);
        return { kind: 'accepted', personId: person.personId };
      });
    } catch (error) {
      if (error === OTHER_PERSON) return { kind: 'other_person' };
      throw error;
    }
  }
}

interface UsedInvitation {
  readonly storeId: StoreId;
  readonly email: string;
  readonly role: Role;
}

/** Thrown to roll the transaction back. */
const OTHER_PERSON = new Error('The invitation is for somebody else.');

const EXPIRY_DAYS = 7;
const INVITATION = 'id, email, role, expires_at AS "expiresAt"';

const FIND_MEMBER: Statement = {
  name: 'find_member_by_email',
  text: `SELECT FROM memberships m JOIN people p ON p.id = m.person_id WHERE m.store_id = $1 AND p.email = $2`,
};

/** When several invite an address at the same moment, one waits for the other, and the link of the last one is good. */
const CREATE: Statement = {
  name: 'create_invitation',
  text: `INSERT INTO invitations (id, store_id, email, role, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => ${EXPIRY_DAYS}))
         ON CONFLICT (store_id, email) DO UPDATE SET id = excluded.id, role = excluded.role, token_hash = excluded.token_hash,
           created_at = excluded.created_at, expires_at = excluded.expires_at
         RETURNING ${INVITATION}`,
};

const LIST: Statement = {
  name: 'list_invitations',
  text: `SELECT ${INVITATION} FROM invitations
         WHERE store_id = $1 AND ($2::uuid IS NULL OR id < $2) AND expires_at > now() ORDER BY id DESC LIMIT $3`,
};

const WITHDRAW: Statement = {
  name: 'withdraw_invitation',
  text: 'DELETE FROM invitations WHERE store_id = $1 AND id = $2 RETURNING email, role',
};

const LOOK: Statement = {
  name: 'look_at_invitation',
  text: `SELECT i.email, s.name AS "storeName", i.role,
           EXISTS (SELECT FROM people p WHERE p.email = i.email) AS "knownPerson"
         FROM invitations i JOIN stores s ON s.id = i.store_id AND s.deleted_at IS NULL
         WHERE i.token_hash = $1 AND i.expires_at > now()`,
};

const USE: Statement = {
  name: 'use_invitation',
  text: `DELETE FROM invitations i USING stores s
         WHERE i.token_hash = $1 AND i.expires_at > now() AND s.id = i.store_id AND s.deleted_at IS NULL
         RETURNING i.store_id AS "storeId", i.email, i.role`,
};
