import { SignpostError } from '@signpost/domain';
import type { DataSource } from 'typeorm';

/**
 * Makes sure that every migration of this version has run.
 *
 * @returns the names of migrations that a newer version has run, and this one does not know
 * @throws SignpostError `bad_configuration` that says how to run those that are missing
 */
export async function checkSchema(dataSource: DataSource): Promise<readonly string[]> {
  const table = dataSource.options.migrationsTableName ?? 'migrations';
  const [found] = await dataSource.query<{ exists: boolean }[]>(`SELECT to_regclass($1) IS NOT NULL AS exists`, [
    table,
  ]);
  const rows = found?.exists === true ? await dataSource.query<{ name: string }[]>(`SELECT name FROM ${table}`) : [];
  const done = new Set(rows.map(({ name }) => name));
  const missing = dataSource.migrations.filter(({ name }) => name === undefined || !done.delete(name));
  if (missing.length === 0) return [...done];
  throw new SignpostError('bad_configuration', 'The database is not at this version: run `signpost migrate` first.');
}
