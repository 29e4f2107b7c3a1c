import type { ApiKeyId } from '@signpost/domain';
import type { SqlRunner, Statement } from '../sql/sql-client';
import { nowOrLater } from '../sql/time-sql';

/** The permits of a key that one process got. */
export interface TakenPermits {
  readonly taken: number;
  /** How long until there is a permit again, if no other process takes it. */
  readonly waitMs: number;
}

/** The rate limits of API keys, for all API processes together: one bucket for each key, which holds the permits of one second. */
export class ApiKeyPermits {
  constructor(private readonly sql: SqlRunner) {}

  /**
   * Takes permits out of a key's bucket: as many as there are, at most `wanted`.
   *
   * @param perSecond - how many permits gather in a second, which is also how many the bucket holds
   */
  async take(id: ApiKeyId, perSecond: number, wanted: number): Promise<TakenPermits> {
    const values = [id, perSecond, wanted];
    let [row] = await this.sql.run<{ taken: number; permits: number }>(TAKE, values);
    if (row === undefined) {
      await this.sql.run(OPEN, [id, perSecond]);
      [row] = await this.sql.run<{ taken: number; permits: number }>(TAKE, values);
    }
    // The key was deleted a moment ago. A call that was let in before that is not refused for its rate.
    if (row === undefined) return { taken: wanted, waitMs: 0 };
    return { taken: row.taken, waitMs: (Math.max(0, 1 - row.permits) / perSecond) * 1_000 };
  }
}

const ANSWER_MS_MAX = 4_000;

/** The permits that have gathered. A statement that waited for a later one adds none, because its now() is before `as_of`. */
const GATHERED = `
  least($2::float8, p.permits + greatest(0, extract(epoch FROM now() - p.as_of)::float8) * $2::float8)`;
const TAKEN = `least($3::int, floor(${GATHERED}))::int`;

const TAKE: Statement = {
  name: 'take_key_permits',
  answerMsMax: ANSWER_MS_MAX,
  text: `UPDATE api_key_permits p SET permits = ${GATHERED} - ${TAKEN}, taken = ${TAKEN}, as_of = ${nowOrLater('p.as_of')}
         WHERE api_key_id = $1 RETURNING taken, permits`,
};

const OPEN: Statement = {
  name: 'open_key_permits',
  answerMsMax: ANSWER_MS_MAX,
  text: `INSERT INTO api_key_permits (api_key_id, permits, as_of, taken)
         SELECT id, $2::float8, now(), 0 FROM api_keys WHERE id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING`,
};
