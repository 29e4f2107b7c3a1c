import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrateDatabase } from '@signpost/database';
import { migrateQueue, QUEUE_SCHEMA } from '@signpost/queue';
import { Client } from 'pg';

/** A database of its own, at the present schema, with nothing in it. */
export interface TestDatabase {
  readonly url: string;
  /** Sets the time zone of connections that are made from now on. */
  setTimeZone(timeZone: string): Promise<void>;
  /** Drops the database, even if somebody is still connected. */
  drop(): Promise<void>;
}

const MIGRATIONS = join(__dirname, '../../libs/database/src/migrations');

/**
 * Clones a database that was migrated once, by the first test that needed it. TEST_DATABASE_URL must name a role that may create databases.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  if (serverUrl === undefined) throw new Error('TEST_DATABASE_URL is not set: run the integration project of Jest.');
  const template = await templateName();
  const name = `signpost_test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, async (server) => {
    await makeTemplate(server, serverUrl, template);
    await server.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return {
    url: urlOf(serverUrl, name),
    setTimeZone: (timeZone) =>
      onServer(serverUrl, async (server) => {
        await server.query(`ALTER DATABASE ${name} SET timezone TO '${timeZone}'`);
      }),
    drop: () =>
      onServer(serverUrl, async (server) => {
        await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }),
  };
}

/** Each schema has a template of its own for each day, because partitions are made by the day. */
async function templateName(): Promise<string> {
  const hash = createHash('sha256').update(new Date().toISOString().slice(0, 10));
  for (const file of (await readdir(MIGRATIONS)).sort()) hash.update(await readFile(join(MIGRATIONS, file)));
  return `signpost_template_${hash.digest('hex').slice(0, 12)}`;
}

/** One test process makes the template, the others wait. The template gets its name when it is complete. */
async function makeTemplate(server: Client, serverUrl: string, template: string): Promise<void> {
  await server.query(`SELECT pg_advisory_lock(hashtext('signpost test template'))`);
  try {
    const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount !== 0) return;
    const unfinished = `${template}_unfinished`;
    await server.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${unfinished}`);
    await migrateDatabase({ url: urlOf(serverUrl, unfinished) });
    await migrateQueue(urlOf(serverUrl, unfinished), QUEUE_SCHEMA);
    await server.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  } finally {
    await server.query(`SELECT pg_advisory_unlock(hashtext('signpost test template'))`);
  }
}

async function onServer<T>(url: string, work: (server: Client) => Promise<T>): Promise<T> {
  const server = new Client({ connectionString: url });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
