import type { SqlRunner, Statement } from '../sql/sql-client';

/** One thing that failures are counted for, and how many a window may have. */
export interface ThrottleSubject {
  readonly name: string;
  readonly failuresMax: number;
}

/** `waitSeconds`: until the window ends that is full. */
export type ThrottlePassage = { readonly kind: 'pass' } | { readonly kind: 'wait'; readonly waitSeconds: number };

const WINDOW_SECONDS = 15 * 60;

/** Counts failures for all processes. */
export class Throttles {
  constructor(private readonly sql: SqlRunner) {}

  /**
   * Counts one failure for each subject before the password or code is checked, so that trying many at once gains nothing; after a success
   * {@link forgive} takes it back. A try that is refused is not checked, and counts for no subject: a caller who is held back by one
   * subject does not fill the windows of the others.
   *
   * @param subjects - the narrowest first
   */
  async take(subjects: readonly ThrottleSubject[]): Promise<ThrottlePassage> {
    for (const [index, { name, failuresMax }] of subjects.entries()) {
      const [count] = await this.sql.run<{ failures: number; waitSeconds: number }>(TAKE, [name]);
      if (count === undefined || count.failures <= failuresMax) continue;
      await this.forgive(subjects.slice(0, index + 1));
      return { kind: 'wait', waitSeconds: Math.max(1, Math.ceil(count.waitSeconds)) };
    }
    return { kind: 'pass' };
  }

  /** Takes the counted failures back, because the try was none. */
  async forgive(subjects: readonly ThrottleSubject[]): Promise<void> {
    await this.sql.run(FORGIVE, [subjects.map(({ name }) => name).sort()]);
  }
}

const TAKE: Statement = {
  name: 'take_throttle',
  text: `INSERT INTO throttles AS t (subject, failures, resets_at)
         VALUES ($1, 1, now() + make_interval(secs => ${WINDOW_SECONDS}))
         ON CONFLICT (subject) DO UPDATE SET
           failures = CASE WHEN t.resets_at < now() THEN 1 ELSE t.failures + 1 END,
           resets_at = CASE WHEN t.resets_at < now() THEN excluded.resets_at ELSE t.resets_at END
         RETURNING failures, extract(epoch FROM resets_at - now())::float8 AS "waitSeconds"`,
};

const FORGIVE: Statement = {
  name: 'forgive_throttle',
  text: `UPDATE throttles SET failures = failures - 1
         WHERE subject IN (SELECT subject FROM throttles WHERE subject = ANY($1) AND failures > 0 ORDER BY subject FOR UPDATE)`,
};
