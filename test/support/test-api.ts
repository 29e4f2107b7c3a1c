import { loadConfig, type SettingName } from '@signpost/config';
import { Client } from 'pg';
import { type RunningApi, startApi } from '../../apps/api/src/start-api';
import { basic, bearer, TestClient } from './test-client';
import { createTestDatabase, type TestDatabase } from './test-database';

const OPERATOR_TOKEN = 'operator-token-of-the-tests';
const ENCRYPTION_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** The settings that all processes of a test have in common. */
export const TEST_SETTINGS: Partial<Record<SettingName, string>> = {
  SIGNPOST_DATABASE_POOL: '4',
  SIGNPOST_OPERATOR_TOKEN: OPERATOR_TOKEN,
  SIGNPOST_ENCRYPTION_KEYS: ENCRYPTION_KEYS,
  SIGNPOST_LOG_LEVEL: 'silent',
  PORT: '0',
};

export interface TestApiOptions {
  /** A database that another test API has made; this test API then does not drop it. */
  readonly database?: TestDatabase;
  /** Settings that differ from the settings of all tests. */
  readonly settings?: Partial<Record<SettingName, string>>;
}

/** A real API over real HTTP, on a database of its own. */
export interface TestApi {
  readonly url: string;
  readonly api: RunningApi;
  readonly operator: TestClient;
  readonly nobody: TestClient;
  /** Calls as a store's API key. */
  as(apiKey: { key: string; secret: string }): TestClient;
  readonly database: TestDatabase;
  /** Runs a statement on the database, without the API. */
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = options.database ?? (await createTestDatabase());
  const api = await startApi(
    loadConfig({
      DATABASE_URL: database.url,
      ...TEST_SETTINGS,
      ...options.settings,
    }),
  );
  const { url } = api;
  return {
    url,
    api,
    operator: new TestClient(url, bearer(OPERATOR_TOKEN)),
    nobody: new TestClient(url, null),
    as: (apiKey) => new TestClient(url, basic(apiKey)),
    database,
    sql: (text, values) => query(database.url, text, values),
    close: async () => {
      await api.close();
      if (options.database === undefined) await database.drop();
    },
  };
}

async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
