import type { PersonId } from '@signpost/domain';
import type { Pool, PoolClient, QueryResult } from 'pg';

/**
 * Statements that run outside the transaction while it has not begun, because they must not be undone with it: reads, and changes of
 * `person_verifications`, whose rows a sign-in uses up even when it fails. (The step in which a code is shown has begun it before: there the
 * code itself was used up.)
 */
const APART = /^(select|insert into "person_verifications"|(delete from|update) "person_verifications")\b/;

/**
 * The connection of one call of the library. All changes of the call are one transaction, which begins at the first of them: so no
 * connection is held while a password is hashed or an identity provider is waited for.
 */
export class ActTransaction {
  private begun: Promise<PoolClient> | null = null;

  constructor(private readonly pool: Pool) {}

  /** Given to the library in place of a pool. */
  readonly connections = {
    connect: () =>
      Promise.resolve({
        query: (text: string, values: readonly unknown[]) => this.query(text, values),
        release: () => undefined,
      }),
    end: () => Promise.resolve(),
  };

  /** The connection of the transaction, which begins now if it has not begun before. */
  client(): Promise<PoolClient> {
    this.begun ??= this.begin();
    return this.begun;
  }

  /**
   * Whether a password that was found to be right still is what it was when it was read: to check it takes a while, and more when many
   * others are checked. If it is, it stays so until the transaction ends, so that a new password ends the session that begins now, too.
   */
  async keepsPassword(hash: string): Promise<boolean> {
    const client = await this.client();
    const { rows } = await client.query('SELECT FROM person_accounts WHERE password = $1 FOR NO KEY UPDATE', [hash]);
    return rows.length > 0;
  }

  /**
   * Has whatever ends the person's sessions wait until this transaction ends, or waits for it: a session that begins now is then ended, too,
   * or what it would have begun with is gone.
   */
  async holdAccounts(id: PersonId): Promise<void> {
    const client = await this.client();
    await client.query('SELECT FROM person_accounts WHERE user_id = $1 FOR NO KEY UPDATE', [id]);
  }

  /** Commits the changes. @throws Error when PostgreSQL rolled back instead, because a statement of the transaction had failed */
  async commit(): Promise<void> {
    await this.finish(async (client) => {
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('What a person did could not be kept: a statement of it had failed.');
    });
  }

  async rollback(): Promise<void> {
    // A failure to roll back is ignored: the caller throws the error that led here.
    await this.finish((client) => client.query('ROLLBACK')).catch(ignoreError);
  }

  private async query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    const isApart = this.begun === null && APART.test(text);
    const connection = isApart ? this.pool : await this.client();
    return connection.query(text, [...values]);
  }

  private async begin(): Promise<PoolClient> {
    const client = await this.pool.connect();
    // When a connection is lost, its statement fails, and the client emits `error` as well. Without a listener that would end the process.
    client.on('error', ignoreError);
    try {
      await client.query('BEGIN');
      return client;
    } catch (error) {
      release(client, true);
      throw error;
    }
  }

  private async finish(end: (client: PoolClient) => Promise<unknown>): Promise<void> {
    if (this.begun === null) return;
    const client = await this.begun;
    this.begun = null;
    let ended = false;
    try {
      await end(client);
      ended = true;
    } finally {
      // When the end of the transaction failed, the connection may still be inside of it: it is closed, and given to nobody else.
      release(client, !ended);
    }
  }
}

function release(client: PoolClient, broken: boolean): void {
  client.release(broken);
  client.removeListener('error', ignoreError);
}

function ignoreError(): void {
  // The statement that failed with the connection reports the loss.
}
