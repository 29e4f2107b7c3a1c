import { setTimeout as delay } from 'node:timers/promises';
import { databaseFailureLine } from '@signpost/config';
import { migrateDatabase, type MigrationReport } from '@signpost/database';
import { SignpostError } from '@signpost/domain';
import { migrateQueue, QUEUE_SCHEMA } from '@signpost/queue';
import { Client } from 'pg';
import { errorCode } from '../services/error-code';
import { startEmbeddedPostgres } from '../services/embedded-postgres';
import { settingOf } from './local-settings';
import { makeDataDir } from './make-data-dir';

/** A PostgreSQL to work with. */
export interface OpenDatabase {
  /** With the password: never to be shown. */
  readonly url: string;
  readonly kind: 'embedded' | 'given';
  /** The process of the embedded server; null: the database is not the embedded one. */
  readonly pid: number | null;
  /** Ends the embedded server, unless another process uses it. */
  close(): Promise<void>;
}

/** What a first look at a database shows. */
export interface DatabaseSigns {
  /** `18.4` */
  readonly version: string;
  /** How far its clock is ahead of ours, in milliseconds, give or take the way there and back. */
  readonly clockAheadMs: number;
}

export interface OpenDatabaseOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  /** The port of the embedded PostgreSQL, if it has to be a certain one; left out: the one of the last time, if it is free. */
  readonly port?: number;
  /** Receives plain sentences about the embedded PostgreSQL. */
  readonly say: (line: string) => void;
}

const VERSION_NUMBER_MIN = 140_000;
const CONNECT_TIMEOUT_MS = 5_000;
const STARTING_ATTEMPTS = 60;
const STARTING_WAIT_MS = 500;
const CANNOT_CONNECT_NOW = '57P03';

/**
 * Opens the database that SIGNPOST_DATABASE_DIRECT_URL or DATABASE_URL names, or else the embedded one, which is started unless it
 * runs.
 *
 * @throws SignpostError, EmbeddedPostgresError: one line for the person at the terminal, without the password
 */
export async function openDatabase({ env, dataDir, port = 0, say }: OpenDatabaseOptions): Promise<OpenDatabase> {
  // What a command does, such as migrating, may need a session of its own, and so the URL that leads past a pooler.
  const url = settingOf(env, 'SIGNPOST_DATABASE_DIRECT_URL') ?? settingOf(env, 'DATABASE_URL');
  if (url === undefined) {
    await makeDataDir(dataDir);
    const postgres = await startEmbeddedPostgres({ dataDir, port, log: say });
    return { url: postgres.url, kind: 'embedded', pid: postgres.pid, close: () => postgres.stop() };
  }
  await lookAtDatabase(url);
  return { url, kind: 'given', pid: null, close: async () => undefined };
}

/**
 * Connects once. A server that is just starting is waited for.
 *
 * @throws SignpostError one line that names DATABASE_URL, when it cannot be reached or is too old
 */
export async function lookAtDatabase(url: string): Promise<DatabaseSigns> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await look(url);
    } catch (error) {
      if (errorCode(error) !== CANNOT_CONNECT_NOW || attempt >= STARTING_ATTEMPTS) throw asDatabaseFault(error, url);
      await delay(STARTING_WAIT_MS);
    }
  }
}

async function look(url: string): Promise<DatabaseSigns> {
  const client = new Client({
    connectionString: url,
    application_name: 'signpost-cli',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const beforeMs = Date.now();
    const { rows } = await client.query<{ number: number; version: string; now_ms: number }>(SIGNS);
    const afterMs = Date.now();
    const { number = 0, version = '', now_ms: nowMs = 0 } = rows[0] ?? {};
    if (number < VERSION_NUMBER_MIN) {
      const message = `DATABASE_URL: this is PostgreSQL ${version}; Signpost needs 14 or later.`;
      throw new SignpostError('bad_configuration', message);
    }
    return { version, clockAheadMs: nowMs - (beforeMs + afterMs) / 2 };
  } finally {
    await client.end();
  }
}

const SIGNS = `
  SELECT current_setting('server_version_num')::int AS number,
         split_part(current_setting('server_version'), ' ', 1) AS version,
         (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`;

/**
 * Brings the tables of Signpost and of its queue up to this version. Several processes may do this at once.
 *
 * @throws SignpostError one line that names DATABASE_URL, when it cannot be reached or allows too little
 */
export async function migrate(url: string): Promise<MigrationReport> {
  try {
    const report = await migrateDatabase({ url });
    await migrateQueue(url, QUEUE_SCHEMA);
    return report;
  } catch (error) {
    throw asDatabaseFault(error, url);
  }
}

/** Turns an error of PostgreSQL that a person can fix into one line that names DATABASE_URL, without the password. */
export function asDatabaseFault(error: unknown, url: string): unknown {
  const line = error instanceof SignpostError ? null : databaseFailureLine(error, url);
  return line === null ? error : new SignpostError('unavailable', line, { cause: error });
}
