import type { QueryRunner } from 'typeorm';

/** What serves nobody any more from the time on that its column holds. */
const EXPIRING = [
  ['person_sessions', 'expires_at'],
  ['person_verifications', 'expires_at'],
  ['portal_sessions', 'expires_at'],
  ['portal_links', 'expires_at'],
  ['person_used_codes', 'usable_from'],
  ['throttles', 'resets_at'],
] as const;

/** Forgets sessions, links, sign-ins that nobody completed, and counted failures, whose time is over. Strangers can make some of these. */
export async function forgetExpired(runner: QueryRunner): Promise<void> {
  for (const [table, column] of EXPIRING) await runner.query(`DELETE FROM ${table} WHERE ${column} < now()`);
}
