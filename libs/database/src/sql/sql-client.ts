import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { SignpostError } from '@signpost/domain';
import type { DataSource } from 'typeorm';
import { asUnavailable } from './unavailable';

/** A statement of the hot path. Its name makes PostgreSQL prepare it once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** How long the caller waits for an answer; after that the statement may still take effect. Left out: as long as for any statement. */
  readonly answerMsMax?: number;
}

/** Runs statements: on any connection of the pool, or on the one of a transaction. */
export interface SqlRunner {
  /** @returns the rows. @throws SignpostError `unavailable` when PostgreSQL is away, else the driver's error; no retry is made. */
  run<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/**
 * Set-based SQL through the data source's own pool: the admin objects' repositories and the hot path share its connections,
 * and the hot path gets prepared statements, which TypeORM's `query` does not offer.
 */
export class SqlClient implements SqlRunner {
  constructor(private readonly dataSource: DataSource) {}

  async run<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return runOn<Row>(this.pool, statement, values);
  }

  /**
   * Runs `work` in one READ COMMITTED transaction: each statement sees what was committed before it began.
   *
   * @param options.waitsForDisk - false: a crash of PostgreSQL may undo the commit; for changes whose loss does no harm
   */
  async transaction<T>(work: (runner: SqlRunner) => Promise<T>, { waitsForDisk = true } = {}): Promise<T> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw asUnavailable(error);
    });
    let broken = false;
    try {
      await client.query(waitsForDisk ? 'BEGIN' : 'BEGIN; SET LOCAL synchronous_commit TO off');
      const result = await work(this.on(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      const fault = asUnavailable(error);
      // When PostgreSQL is away, no answer to a ROLLBACK is waited for: ending the connection does the same.
      const isAway = fault instanceof SignpostError && fault.code === 'unavailable';
      broken = isAway || !(await rolledBack(client));
      throw fault;
    } finally {
      // A connection that could not roll back is not given to anybody else.
      client.release(broken);
    }
  }

  /** Runs statements on a connection of the pool that the caller holds, in its transaction. */
  on(connection: PoolClient): SqlRunner {
    return { run: (statement, values) => runOn(connection, statement, values) };
  }

  /** Connections in use, idle, and callers waiting for one. */
  get load(): { total: number; idle: number; waiting: number } {
    return { total: this.pool.totalCount, idle: this.pool.idleCount, waiting: this.pool.waitingCount };
  }

  /**
   * Calls `listener`, maybe twice, for each connection that is lost while no statement runs on it. On any other connection, the failing
   * statement tells of the loss.
   */
  onConnectionLost(listener: () => void): void {
    // The pool reports connections that nobody holds, among them the first one, which was opened before this call.
    this.pool.on('error', listener);
    this.pool.on('connect', (client) => client.on('error', listener));
  }

  /** For a library that brings statements of its own. */
  get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}

function rolledBack(client: PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

async function runOn<Row extends QueryResultRow>(
  connection: Pool | PoolClient,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const { name, text, answerMsMax } = statement;
  try {
    const deadline = answerMsMax === undefined ? {} : { query_timeout: answerMsMax };
    const result = await connection.query<Row>({ name, text, values: [...values], ...deadline });
    return result.rows;
  } catch (error) {
    throw asUnavailable(error);
  }
}
