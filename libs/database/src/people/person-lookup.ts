import type { PersonId, PortalId, PortalRole, Role, StoreId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';

/** A person's session, with what the person may do in the store that was asked about. */
export interface FoundPerson {
  readonly personId: PersonId;
  readonly operator: boolean;
  /** Until when the sign-in counts as recent, by PostgreSQL's clock; null: it does not. */
  readonly recentUntil: Date | null;
  /** Null: there is no such live store, or none was asked about. */
  readonly storeId: StoreId | null;
  /** Null: not a member of it. */
  readonly role: Role | null;
}

/** A session that a portal link opened. */
export interface FoundPortal {
  readonly portalId: PortalId;
  readonly storeId: StoreId;
  readonly storeKey: string;
  readonly storeName: string;
  readonly role: PortalRole;
  readonly recentUntil: Date | null;
}

/** A proof of identity that is older than this is asked for again before a sensitive act. */
const RECENT_SECONDS = 15 * 60;

const recentUntil = (since: string): string => `
  CASE WHEN ${since} + make_interval(secs => ${RECENT_SECONDS}) > now()
       THEN ${since} + make_interval(secs => ${RECENT_SECONDS}) END AS "recentUntil"`;

const FIND_PERSON: Statement = {
  name: 'person_by_session',
  text: `SELECT p.id AS "personId", p.operator, s.id AS "storeId", m.role, ${recentUntil('i.confirmed_at')}
         FROM person_sessions i JOIN people p ON p.id = i.user_id
           LEFT JOIN stores s ON s.key = $2 AND s.deleted_at IS NULL
           LEFT JOIN memberships m ON m.store_id = s.id AND m.person_id = p.id
         WHERE i.token = $1 AND i.expires_at > now()`,
};

const FIND_PORTAL: Statement = {
  name: 'portal_by_session',
  text: `SELECT i.id AS "portalId", s.id AS "storeId", s.key AS "storeKey", s.name AS "storeName", i.role,
           ${recentUntil('i.created_at')}
         FROM portal_sessions i JOIN stores s ON s.id = i.store_id AND s.deleted_at IS NULL
         WHERE i.token_hash = $1 AND i.expires_at > now()`,
};

/** Finds out who a session cookie belongs to: one indexed look-up, each time, so that a change holds on the next request. */
export class PersonLookup {
  constructor(private readonly sql: SqlRunner) {}

  /** @param storeKey - the store that the request is about, if it is about one */
  async findPerson(tokenHash: Buffer, storeKey: string | undefined): Promise<FoundPerson | null> {
    const [found] = await this.sql.run<FoundPerson>(FIND_PERSON, [tokenHash.toString('hex'), storeKey ?? null]);
    return found ?? null;
  }

  async findPortal(tokenHash: Buffer): Promise<FoundPortal | null> {
    const [found] = await this.sql.run<FoundPortal>(FIND_PORTAL, [tokenHash]);
    return found ?? null;
  }
}
