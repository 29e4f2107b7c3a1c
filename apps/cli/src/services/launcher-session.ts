import { Client } from 'pg';
import { errorCode } from './error-code';
import { LOOPBACK } from './find-free-port';

export interface ServerAddress {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * The connection by which a launcher says "I use this server". It holds a shared advisory lock, which the server releases however the
 * launcher ends: a pid file could be wrong.
 */
export interface LauncherSession {
  /** True when no other launcher uses the server: it was just started, or its launcher was killed. */
  readonly alone: boolean;
  /** Creates the database unless it exists. */
  ensureDatabase(name: string): Promise<void>;
  /** Ends the use. `last`: nobody else uses the server, and nobody can begin to until it is shut down or `close` is called. */
  leave(): Promise<'last' | 'others'>;
  close(): Promise<void>;
}

/** The client of pg, with two methods that its types leave out. */
type ReferencedClient = Client & { ref(): void; unref(): void };

/** The advisory lock's two keys, in the maintenance database `postgres`; chosen once, at random. */
const LOCK = '1399681127, 1886351988';
const LOCK_NOT_AVAILABLE = '55P03';
/** What the slower of two CREATE DATABASE at once fails with: duplicate_database, or unique_violation in the catalogue. */
const DATABASE_EXISTS: readonly (string | undefined)[] = ['42P04', '23505'];
const OTHERS_WAIT = '500ms';

/** Codes of a server that is just starting, stopping or gone: not a fault, but a reason to look again. */
const PASSING_CODES: readonly (string | undefined)[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
];

/** Tells whether an error only says that the server is not there at the moment. */
export function isPassing(error: unknown): boolean {
  if (PASSING_CODES.includes(errorCode(error))) return true;
  return errorCode(error) === undefined && String(error).includes('Connection terminated');
}

/** Connects to the running server and registers as one of its launchers. Rejects as pg does. */
export async function openLauncherSession(address: ServerAddress): Promise<LauncherSession> {
  const client = await connect(address);
  try {
    const alone = await queryFlag(client, `SELECT pg_try_advisory_lock(${LOCK}) AS flag`);
    await client.query(`SELECT pg_advisory_lock_shared(${LOCK})`);
    if (alone) await client.query(`SELECT pg_advisory_unlock(${LOCK})`);
    client.unref();
    return {
      alone,
      ensureDatabase: (name) => whileReferenced(client, () => ensureDatabase(client, name)),
      leave: () => whileReferenced(client, () => leave(client)),
      close: () => whileReferenced(client, () => close(client)),
    };
  } catch (error) {
    await close(client);
    throw error;
  }
}

/** Keeps the process alive while it waits for an answer of the server; merely using the server does not. */
async function whileReferenced<T>(client: ReferencedClient, work: () => Promise<T>): Promise<T> {
  client.ref();
  try {
    return await work();
  } finally {
    client.unref();
  }
}

async function connect(address: ServerAddress): Promise<ReferencedClient> {
  const client = new Client({
    ...address,
    host: LOOPBACK,
    database: 'postgres',
    ssl: false,
    application_name: 'signpost launcher',
    connectionTimeoutMillis: 10_000,
  });
  // The server may end this connection at any time; whoever queries next learns of it.
  client.on('error', () => undefined);
  await client.connect();
  return client as ReferencedClient;
}

async function ensureDatabase(client: Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (rowCount !== 0) return;
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    if (!DATABASE_EXISTS.includes(errorCode(error))) throw error;
  }
}

/** When two launchers leave at once, the first to get the exclusive lock is the last user; the other finds the lock held. */
async function leave(client: Client): Promise<'last' | 'others'> {
  try {
    await client.query(`SELECT pg_advisory_unlock_shared(${LOCK})`);
    await client.query(`SET lock_timeout = '${OTHERS_WAIT}'`);
    await client.query(`SELECT pg_advisory_lock(${LOCK})`);
    return 'last';
  } catch (error) {
    if (errorCode(error) === LOCK_NOT_AVAILABLE) return 'others';
    throw error;
  }
}

async function close(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}

async function queryFlag(client: Client, sql: string): Promise<boolean> {
  const { rows } = await client.query<{ flag: boolean }>(sql);
  return rows[0]?.flag === true;
}
