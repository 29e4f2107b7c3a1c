import { runMigrations } from 'bullmq';
import { Client } from 'pg';

/**
 * Makes the queue's tables, or brings them up to this version, in one transaction. Safe to run from several processes at once:
 * one does it, the others wait and find it done. Needed only where the jobs live in PostgreSQL, harmless elsewhere.
 *
 * @param schema the same as the backend's `databaseSchema`
 * @returns the version that the tables are at
 * @throws the driver's error; nothing is changed then
 */
export async function migrateQueue(databaseUrl: string, schema: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'signpost-migrate' });
  await client.connect();
  try {
    return await runMigrations(client, schema);
  } finally {
    await client.end();
  }
}
