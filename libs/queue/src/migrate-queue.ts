import { runMigrations } from 'bullmq';
import { Client } from 'pg';

/**
 * Makes the queue's tables, or brings them up to this version, in one transaction. Several processes may run it at once: one does the work,
 * the others wait and find it done. Needed only if the jobs are in PostgreSQL, harmless otherwise.
 *
 * @param schema the same as the backend's `databaseSchema`
 * @returns the version that the tables are at
 * @throws the driver's error; then nothing has changed
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
