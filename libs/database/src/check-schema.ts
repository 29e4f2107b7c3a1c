import { SignpostError } from '@signpost/domain';
import type { DataSource } from 'typeorm';

/**
 * Makes sure that every migration of this version has run.
 *
 * @throws SignpostError `bad_configuration` that says how to run them
 */
export async function checkSchema(dataSource: DataSource): Promise<void> {
  const table = dataSource.options.migrationsTableName ?? 'migrations';
  const [found] = await dataSource.query<{ exists: boolean }[]>(`SELECT to_regclass($1) IS NOT NULL AS exists`, [
    table,
  ]);
  const rows = found?.exists === true ? await dataSource.query<{ name: string }[]>(`SELECT name FROM ${table}`) : [];
  const done = new Set(rows.map(({ name }) => name));
  const missing = dataSource.migrations.filter(({ name }) => name === undefined || !done.has(name));
  if (missing.length === 0) return;
  throw new SignpostError('bad_configuration', 'The database is not at this version: run `signpost migrate` first.');
}
