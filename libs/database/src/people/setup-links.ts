import { hashToken, mintToken, type PersonId } from '@signpost/domain';
import type { SqlClient, Statement } from '../sql/sql-client';
import type { NewPerson, PeopleRepository } from './people-repository';

export type SetupRedemption = { readonly kind: 'set_up'; readonly personId: PersonId } | { readonly kind: 'refused' };

const EXPIRY_HOURS = 24;

/** The one link by which the first person, an operator, comes in. It works only while there are no people. */
export class SetupLinks {
  constructor(
    private readonly sql: SqlClient,
    private readonly people: PeopleRepository,
  ) {}

  /**
   * Makes a link, which replaces the one before.
   *
   * @returns its token; null when somebody can sign in already
   */
  async mint(): Promise<string | null> {
    const token = mintToken();
    return this.sql.transaction(async (runner) => {
      await runner.run(LOCK, []);
      const minted = await runner.run(MINT, [hashToken(token)]);
      return minted.length > 0 ? token : null;
    });
  }

  /** Whether a token is that of the present link, which is not used up by this. */
  async isValid(token: string): Promise<boolean> {
    return (await this.sql.run(LOOK, [hashToken(token)])).length > 0;
  }

  /** Uses the link up and adds the first person. However many try at once, one of them is let in. */
  async redeem(token: string, person: NewPerson, address: string | null): Promise<SetupRedemption> {
    return this.sql.transaction(async (runner) => {
      await runner.run(LOCK, []);
      const used = await runner.run(USE, [hashToken(token)]);
      if (used.length === 0) return { kind: 'refused' };
      const personId = await this.people.add(runner, person, true, address);
      return personId === null ? { kind: 'refused' } : { kind: 'set_up', personId };
    });
  }
}

/** Links are made and used one after the other. */
const LOCK: Statement = { name: 'lock_setup', text: `SELECT pg_advisory_xact_lock(hashtext('signpost setup'))` };

const MINT: Statement = {
  name: 'mint_setup_link',
  text: `INSERT INTO setup_link (token_hash, expires_at)
         SELECT $1::bytea, now() + make_interval(hours => ${EXPIRY_HOURS}) WHERE NOT EXISTS (SELECT FROM people)
         ON CONFLICT (singleton) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
         RETURNING singleton`,
};

const LIVE = 'token_hash = $1 AND expires_at > now() AND NOT EXISTS (SELECT FROM people)';
const LOOK: Statement = { name: 'look_at_setup_link', text: `SELECT singleton FROM setup_link WHERE ${LIVE}` };
const USE: Statement = { name: 'use_setup_link', text: `DELETE FROM setup_link WHERE ${LIVE} RETURNING singleton` };
