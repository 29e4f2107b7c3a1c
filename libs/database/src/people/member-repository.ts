import { encodeId, type PersonId, type Role, type StoreId } from '@signpost/domain';
import type { Actor, AuditLog } from '../audit-log';
import { NOT_FOUND, type NotFound } from '../change-store';
import type { IdPage } from '../id-page';
import type { SqlClient, SqlRunner, Statement } from '../sql-client';

export interface Member {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly since: Date;
}

export type MemberUpdate = { readonly kind: 'updated'; readonly member: Member } | NotFound;
export type MemberRemoval = { readonly kind: 'removed' } | NotFound;

/** The people of stores, and their roles. A change holds from their next request on. */
export class MemberRepository {
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
  ) {}

  list(storeId: StoreId, { limit, before }: IdPage): Promise<Member[]> {
    return this.sql.run<Member>(LIST, [storeId, before, limit]);
  }

  /** Gives a person a role in a store, in the transaction of `runner`; one that they had before gives way. */
  async add(runner: SqlRunner, storeId: StoreId, personId: PersonId, role: Role, actor: Actor): Promise<void> {
    await runner.run(ADD, [storeId, personId, role]);
    await this.audit.appendBy(runner, storeId, actor, {
      action: 'member.added',
      objectId: encodeId('person', personId),
      after: { role },
    });
  }

  async changeRole(storeId: StoreId, id: PersonId, role: Role, actor: Actor): Promise<MemberUpdate> {
    return this.sql.transaction(async (runner) => {
      const [before] = await runner.run<Member>(LOCK, [storeId, id]);
      if (before === undefined) return NOT_FOUND;
      const member = { ...before, role };
      if (before.role === role) return { kind: 'updated', member };
      await runner.run(CHANGE_ROLE, [storeId, id, role]);
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'member.role_changed',
        objectId: encodeId('person', id),
        before: { role: before.role },
        after: { role },
      });
      return { kind: 'updated', member };
    });
  }

  async remove(storeId: StoreId, id: PersonId, actor: Actor): Promise<MemberRemoval> {
    return this.sql.transaction(async (runner) => {
      const [removed] = await runner.run<{ role: Role }>(REMOVE, [storeId, id]);
      if (removed === undefined) return NOT_FOUND;
      await this.audit.appendBy(runner, storeId, actor, {
        action: 'member.removed',
        objectId: encodeId('person', id),
        before: { role: removed.role },
      });
      return { kind: 'removed' };
    });
  }
}

const MEMBERS = `
  SELECT p.id, p.name, p.email, m.role, m.since FROM memberships m JOIN people p ON p.id = m.person_id
  WHERE m.store_id = $1`;

const LIST: Statement = {
  name: 'list_members',
  text: `${MEMBERS} AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`,
};

const LOCK: Statement = { name: 'lock_member', text: `${MEMBERS} AND p.id = $2 FOR UPDATE OF m` };

const ADD: Statement = {
  name: 'add_member',
  text: `INSERT INTO memberships (store_id, person_id, role) VALUES ($1, $2, $3)
         ON CONFLICT (store_id, person_id) DO UPDATE SET role = excluded.role`,
};

const CHANGE_ROLE: Statement = {
  name: 'change_role',
  text: 'UPDATE memberships SET role = $3 WHERE store_id = $1 AND person_id = $2',
};

const REMOVE: Statement = {
  name: 'remove_member',
  text: 'DELETE FROM memberships WHERE store_id = $1 AND person_id = $2 RETURNING role',
};
