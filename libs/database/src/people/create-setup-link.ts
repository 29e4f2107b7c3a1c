import { AuditLog } from '../admin/audit-log';
import { checkSchema } from '../check-schema';
import { createDataSource } from '../data-source';
import { SqlClient } from '../sql/sql-client';
import { PeopleRepository } from './people-repository';
import { SetupLinks } from './setup-links';

/**
 * Makes a set-up link from outside the API.
 *
 * @returns its token; null when somebody can sign in already
 * @throws SignpostError `bad_configuration` when the schema is not that of this version
 */
export async function createSetupLink(url: string, nowMs: () => number): Promise<string | null> {
  const dataSource = createDataSource({ url, poolSize: 1, applicationName: 'signpost-cli' });
  await dataSource.initialize();
  try {
    await checkSchema(dataSource);
    const sql = new SqlClient(dataSource);
    return await new SetupLinks(sql, new PeopleRepository(sql, new AuditLog(dataSource, nowMs), nowMs)).mint();
  } finally {
    await dataSource.destroy();
  }
}
