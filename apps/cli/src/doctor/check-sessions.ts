import { Client } from 'pg';
import { bad, type Finding } from './finding';

const CONNECT_TIMEOUT_MS = 5_000;
/** How often to compare. While a pooler serves others too, two connections that ask one after the other may get different sessions. */
const TRIES = 5;

/**
 * Checks whether a connection to PostgreSQL is a session of its own, as migrations, retention and a queue in PostgreSQL need it. Behind a
 * pooler in transaction mode it is not: locks and settings then stay with whoever gets the session next.
 */
export async function checkSessions(url: string): Promise<readonly Finding[]> {
  const [one, other] = [clientOf(url), clientOf(url)];
  try {
    await Promise.all([one.connect(), other.connect()]);
    if (!(await shareSessions(one, other))) return [];
    return [
      bad(
        'Database: a pooler hands its sessions on after each transaction, and retention needs one of its own',
        'Set SIGNPOST_DATABASE_DIRECT_URL to the same PostgreSQL, past the pooler.',
      ),
    ];
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
}

/** Whether two connections that are open at once are served by one session. */
export async function shareSessions(one: Client, other: Client): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    if ((await sessionOf(one)) === (await sessionOf(other))) return true;
  }
  return false;
}

function clientOf(url: string): Client {
  const client = new Client({
    connectionString: url,
    application_name: 'signpost-cli',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  return client;
}

async function sessionOf(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}
