import { epochMs } from './sql/time-sql';

/**
 * PostgreSQL's `now()`: the one clock that all processes share. The clock of a machine may be wrong by days.
 *
 * @returns milliseconds since 1970
 * @throws the driver's error
 */
export async function databaseNowMs(connection: { query(sql: string): Promise<unknown> }): Promise<number> {
  const [{ now_ms }] = (await connection.query(`SELECT ${epochMs('now()')} AS now_ms`)) as [{ now_ms: number }];
  return now_ms;
}
