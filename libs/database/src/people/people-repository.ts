import { encodeId, mintId, type PersonId, type Role } from '@signpost/domain';
import type { Actor, AuditAction, AuditLog, AuditRecord } from '../admin/audit-log';
import type { SqlClient, SqlRunner, Statement } from '../sql/sql-client';

/** Somebody who is about to become a person of this installation. */
export interface NewPerson {
  readonly name: string;
  readonly email: string;
  /** In the form that the sign-in library verifies. */
  readonly passwordHash: string;
}

export interface PersonProfile {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly operator: boolean;
  readonly secondFactorEnabled: boolean;
  /** If not, the person signs in with the identity provider alone. */
  readonly hasPassword: boolean;
}

export interface PersonStore {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
}

/** An operator has a role in every store; this many of the newest are shown. */
const OPERATOR_STORES_SHOWN = 250;

/** The people, and their sessions. */
export class PeopleRepository {
  constructor(
    private readonly sql: SqlClient,
    private readonly audit: AuditLog,
    private readonly nowMs: () => number,
  ) {}

  /** Whether there are no people yet, so that nobody can sign in. */
  async isEmpty(): Promise<boolean> {
    const [row] = await this.sql.run<{ empty: boolean }>(IS_EMPTY, []);
    return row?.empty === true;
  }

  /**
   * Adds a person, in the transaction of `runner`.
   *
   * @returns the new id; null when somebody has this e-mail address
   */
  async add(
    runner: SqlRunner,
    { name, email, passwordHash }: NewPerson,
    operator: boolean,
    address: string | null,
  ): Promise<PersonId | null> {
    const id = mintId('person', this.nowMs());
    const [added] = await runner.run(ADD_PERSON, [id, name, email.toLowerCase(), operator]);
    if (added === undefined) return null;
    await runner.run(ADD_PASSWORD, [mintId('person', this.nowMs()), id, passwordHash]);
    const after = { email: email.toLowerCase(), operator };
    await this.record(runner, actorOf(id, address), 'person.created', { after });
    return id;
  }

  async findProfile(id: PersonId): Promise<PersonProfile | null> {
    const [profile] = await this.sql.run<PersonProfile>(FIND_PROFILE, [id]);
    return profile ?? null;
  }

  async findByEmail(email: string): Promise<PersonProfile | null> {
    const [profile] = await this.sql.run<PersonProfile>(FIND_BY_EMAIL, [email.toLowerCase()]);
    return profile ?? null;
  }

  /** The live stores that a person has a role in. */
  storesOf({ id, operator }: PersonProfile): Promise<PersonStore[]> {
    return operator
      ? this.sql.run<PersonStore>(NEWEST_STORES, [OPERATOR_STORES_SHOWN])
      : this.sql.run<PersonStore>(STORES_OF_PERSON, [id]);
  }

  async rename(actor: Actor, id: PersonId, name: string): Promise<void> {
    await this.sql.transaction(async (runner) => {
      const [renamed] = await runner.run<{ before: string }>(RENAME, [id, name]);
      if (renamed === undefined) return;
      await this.record(runner, actor, 'person.updated', { before: { name: renamed.before }, after: { name } });
    });
  }

  /** Ends one session of a person. */
  async endSession(actor: Actor, tokenHash: Buffer): Promise<void> {
    await this.sql.transaction(async (runner) => {
      await runner.run(END_SESSION, [tokenHash.toString('hex')]);
      await this.record(runner, actor, 'person.signed_out');
    });
  }

  /** Ends every session of a person, on every device, from the next request on, and every sign-in that still waits for a code. */
  async endSessions(actor: Actor, id: PersonId): Promise<void> {
    await this.sql.transaction(async (runner) => {
      await runner.run(HOLD_ACCOUNTS, [id]);
      await runner.run(END_SESSIONS, [id]);
      await runner.run(END_SECOND_STEPS, [id]);
      await this.record(runner, actor, 'person.signed_out_everywhere');
    });
  }

  /** Makes the sign-in of a session recent again: the person has just proved who they are. */
  async confirmSession(actor: Actor, tokenHash: Buffer): Promise<void> {
    await this.sql.transaction(async (runner) => {
      await runner.run(CONFIRM_SESSION, [tokenHash.toString('hex')]);
      await this.record(runner, actor, 'person.confirmed');
    });
  }

  /**
   * Uses up a one-time code, before it is verified.
   *
   * @returns false when the person has shown this very code a short while ago
   */
  async takeCode(id: PersonId, codeHash: Buffer): Promise<boolean> {
    return (await this.sql.run(TAKE_CODE, [id, codeHash])).length > 0;
  }

  /** Writes down, in the transaction of `runner`, what a person did through the sign-in library. */
  async tell(runner: SqlRunner, id: PersonId, action: AuditAction, address: string | null): Promise<void> {
    await this.record(runner, actorOf(id, address), action);
  }

  /** Writes down that somebody gave the right password, but a wrong code. */
  async tellFailure(id: PersonId, address: string | null): Promise<void> {
    await this.record(this.sql, actorOf(id, address), 'person.second_factor_failed');
  }

  private record(
    runner: SqlRunner,
    actor: Actor,
    action: AuditAction,
    changes: Pick<AuditRecord, 'before' | 'after'> = {},
  ): Promise<void> {
    return this.audit.appendBy(runner, null, actor, { action, objectId: actor.id ?? '', ...changes });
  }
}

/** A person as an actor of the audit log. */
export function actorOf(id: PersonId, address: string | null): Actor {
  return { kind: 'person', id: encodeId('person', id), address };
}

const IS_EMPTY: Statement = { name: 'people_is_empty', text: 'SELECT NOT EXISTS (SELECT FROM people) AS empty' };

const ADD_PERSON: Statement = {
  name: 'add_person',
  // The address counts as verified: whoever gave the person the link vouches for it.
  text: `INSERT INTO people (id, name, email, email_verified, operator) VALUES ($1, $2, $3, true, $4)
         ON CONFLICT (email) DO NOTHING RETURNING id`,
};

const ADD_PASSWORD: Statement = {
  name: 'add_password',
  text: `INSERT INTO person_accounts (id, user_id, provider_id, account_id, password)
         VALUES ($1, $2, 'credential', $2::uuid::text, $3)`,
};

const PROFILE = `
  SELECT id, name, email, operator, two_factor_enabled AS "secondFactorEnabled",
    EXISTS (SELECT FROM person_accounts a WHERE a.user_id = people.id AND a.password IS NOT NULL) AS "hasPassword"
  FROM people`;
const FIND_PROFILE: Statement = { name: 'person_profile', text: `${PROFILE} WHERE id = $1` };
const FIND_BY_EMAIL: Statement = { name: 'person_by_email', text: `${PROFILE} WHERE email = $1` };

const NEWEST_STORES: Statement = {
  name: 'newest_stores',
  text: `SELECT key, name, 'owner' AS role FROM stores WHERE deleted_at IS NULL ORDER BY id DESC LIMIT $1`,
};

const STORES_OF_PERSON: Statement = {
  name: 'stores_of_person',
  text: `SELECT s.key, s.name, m.role FROM memberships m JOIN stores s ON s.id = m.store_id AND s.deleted_at IS NULL
         WHERE m.person_id = $1 ORDER BY s.id DESC`,
};

const RENAME: Statement = {
  name: 'rename_person',
  text: `UPDATE people p SET name = $2, updated_at = now()
         FROM (SELECT id, name FROM people WHERE id = $1 FOR UPDATE) was
         WHERE p.id = was.id AND was.name <> $2 RETURNING was.name AS before`,
};

const END_SESSION: Statement = { name: 'end_session', text: 'DELETE FROM person_sessions WHERE token = $1' };
/** Waits for sessions that are just beginning: see `ActTransaction` in libs/people. */
const HOLD_ACCOUNTS: Statement = {
  name: 'hold_accounts',
  text: 'SELECT FROM person_accounts WHERE user_id = $1 FOR NO KEY UPDATE',
};
const END_SESSIONS: Statement = { name: 'end_sessions', text: 'DELETE FROM person_sessions WHERE user_id = $1' };
/** Of a sign-in that waits for a code, the library notes nothing but who it is. */
const END_SECOND_STEPS: Statement = {
  name: 'end_second_steps',
  text: 'DELETE FROM person_verifications WHERE value = $1::uuid::text',
};
const CONFIRM_SESSION: Statement = {
  name: 'confirm_session',
  text: 'UPDATE person_sessions SET confirmed_at = now() WHERE token = $1',
};

/** Longer than a code is accepted: in its own time step, and in the steps before and after it. */
const CODE_SECONDS = 180;
const TAKE_CODE: Statement = {
  name: 'take_code',
  text: `INSERT INTO person_used_codes AS u (person_id, code_hash, usable_from)
         VALUES ($1, $2, now() + make_interval(secs => ${CODE_SECONDS}))
         ON CONFLICT (person_id, code_hash) DO UPDATE SET usable_from = excluded.usable_from WHERE u.usable_from < now()
         RETURNING person_id`,
};
