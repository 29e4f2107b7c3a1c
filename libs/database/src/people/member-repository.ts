import { encodeId, type PersonId, type Role, type StoreId } from '@signpost/domain';
import type { Actor, AuditLog } from '../admin/audit-log';
import { NOT_FOUND, type NotFound } from '../admin/change-store';
import type { IdPage } from '../admin/id-page';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';

export interface Member {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly since: Date;
}

/** The person is the only owner of the store: nothing was changed. */
export interface LastOwner {
  readonly kind: 'last_owner';
}

export type MemberUpdate = { readonly kind: 'updated'; readonly member: Member } | LastOwner | NotFound;
export type MemberRemoval = { readonly kind: 'removed' } | LastOwner | NotFound;

/**
 * The members of stores, and their roles. A change takes effect with the member's next request. A trigger in PostgreSQL keeps the last
 * owner of a store.
 */
export class MemberRepository {
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
  ) {}

  list(storeId: StoreId, { limit, before }: IdPage): Promise<Member[]> {
    return this.sql.run<Member>(LIST, [storeId, before, limit]);
  }

  /**
   * Gives a person a role in a store, in the transaction of `runner`; it replaces the role that they had before, but owners stay owners.
   */
  async add(runner: SqlRunner, storeId: StoreId, personId: PersonId, role: Role, actor: Actor): Promise<void> {
    if ((await runner.run(ADD, [storeId, personId, role])).length === 0) return;
    await this.audit.appendBy(runner, storeId, actor, {
      action: 'member.added',
      objectId: encodeId('person', personId),
      after: { role },
    });
  }

  async changeRole(storeId: StoreId, id: PersonId, role: Role, actor: Actor): Promise<MemberUpdate> {
    return this.unlessLastOwner(async (runner) => {
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
    return this.unlessLastOwner(async (runner) => {
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

  private async unlessLastOwner<Outcome>(work: (runner: SqlRunner) => Promise<Outcome>): Promise<Outcome | LastOwner> {
    try {
      return await this.sql.transaction(work);
    } catch (error) {
      if (isLastOwner(error)) return { kind: 'last_owner' };
      throw error;
    }
  }
}

/** Whether PostgreSQL refused to let a store's last owner go. */
function isLastOwner(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'memberships_last_owner';
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
         ON CONFLICT (store_id, person_id) DO UPDATE SET role = excluded.role WHERE memberships.role <> 'owner'
         RETURNING person_id`,
};

const CHANGE_ROLE: Statement = {
  name: 'change_role',
  text: 'UPDATE memberships SET role = $3 WHERE store_id = $1 AND person_id = $2',
};

const REMOVE: Statement = {
  name: 'remove_member',
  text: 'DELETE FROM memberships WHERE store_id = $1 AND person_id = $2 RETURNING role',
};
