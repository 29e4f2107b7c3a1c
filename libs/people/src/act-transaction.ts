import type { Pool, PoolClient, QueryResult } from 'pg';

/** What does not have to be undone with the rest: looking, and the steps of a sign-in, which are used up by being tried. */
const APART = /^(select|insert into "person_verifications"|(delete from|update) "person_verifications")\b/;

/**
 * The connection of one call of the library, whose changes are one transaction. It begins at the first of them, so that nothing
 * is held while a password is hashed, or an identity provider is waited for.
 */
export class ActTransaction {
  private begun: Promise<PoolClient> | null = null;

  constructor(private readonly pool: Pool) {}

  /** What the library takes for its pool. */
  readonly connections = {
    connect: () =>
      Promise.resolve({
        query: (text: string, values: readonly unknown[]) => this.query(text, values),
        release: () => undefined,
      }),
    end: () => Promise.resolve(),
  };

  /** The connection that the changes are made by. */
  client(): Promise<PoolClient> {
    this.begun ??= this.begin();
    return this.begun;
  }

  /** Keeps what was changed. @throws Error when PostgreSQL has given it up, because a statement of it had failed */
  async commit(): Promise<void> {
    await this.finish(async (client) => {
      const { command } = await client.query('COMMIT');
      if (command !== 'COMMIT') throw new Error('What a person did could not be kept: a statement of it had failed.');
    });
  }

  async rollback(): Promise<void> {
    // What it is rolled back for is told by the caller.
    await this.finish((client) => client.query('ROLLBACK')).catch(ignoreError);
  }

  private async query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    const isApart = this.begun === null && APART.test(text);
    const connection = isApart ? this.pool : await this.client();
    return connection.query(text, [...values]);
  }

  private async begin(): Promise<PoolClient> {
    const client = await this.pool.connect();
    // A connection that is lost tells the statement that it fails, and its listeners; with none of them, the process ends.
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
      // A connection of which nobody knows what it is in the midst of is not given to anybody else.
      release(client, !ended);
    }
  }
}

function release(client: PoolClient, broken: boolean): void {
  client.release(broken);
  client.removeListener('error', ignoreError);
}

function ignoreError(): void {
  // The statement that failed by it has told of it.
}
