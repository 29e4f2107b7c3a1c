import { SignpostError } from '@signpost/domain';
import type { SqlRunner, Statement } from './sql/sql-client';

/** A standby, too, says that its transactions are read-only. */
const SIGN_OF_LIFE: Statement = {
  name: 'sign_of_life',
  text: `SELECT current_setting('transaction_read_only')::boolean AS "readOnly"`,
};

/**
 * For /readyz: asks PostgreSQL for a sign of life.
 *
 * @param options.answerMsMax - as of a {@link Statement}
 * @throws SignpostError `unavailable` when it does not answer, or takes no changes
 */
export async function checkWritable(sql: SqlRunner, options: Pick<Statement, 'answerMsMax'> = {}): Promise<void> {
  const [row] = await sql.run<{ readOnly: boolean }>({ ...SIGN_OF_LIFE, ...options }, []);
  if (row?.readOnly === false) return;
  throw new SignpostError('unavailable', 'The database takes no changes at the moment.', { retryAfterSeconds: 2 });
}
