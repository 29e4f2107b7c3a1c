import { randomBytes } from 'node:crypto';
import { createDataSource, ensurePartitions } from '@signpost/database';
import { loadConfig } from '@signpost/config';
import { startWorker } from '../../apps/worker/src/start-worker';
import { eventually } from '../support/eventually';
import { startTestApi, TEST_SETTINGS } from '../support/test-api';
import { createTestDatabase } from '../support/test-database';

const DAY_MS = 86_400_000;

describe('past a pooler', () => {
  // The two addresses are of the same server, and told apart by who connects.
  it('go retention and the queue in PostgreSQL, and all else goes through it', async () => {
    const database = await createTestDatabase();
    const url = new URL(database.url);
    url.username = `pooled_${randomBytes(4).toString('hex')}`;
    url.password = 'pooled';
    const settings = { DATABASE_URL: url.href, SIGNPOST_DATABASE_DIRECT_URL: database.url };
    const dataSource = createDataSource({ url: database.url, poolSize: 1, applicationName: 'test' });
    await dataSource.initialize();
    await ensurePartitions(dataSource, Date.now() - 40 * DAY_MS);
    await dataSource.query(`CREATE ROLE ${url.username} LOGIN PASSWORD 'pooled'`);
    await dataSource.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${url.username};
       GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${url.username}`,
    );
    const api = await startTestApi({ database, settings });
    const worker = await startWorker(loadConfig({ ...TEST_SETTINGS, WORKER_PORT: '0', ...settings }));

    // Only who owns the tables can drop partitions of them.
    await eventually(async () =>
      expect(await dataSource.query(`SELECT FROM pg_class WHERE relname = ANY ($1)`, [oldPartitions()])).toEqual([]),
    );
    const connections = await dataSource.query<{ name: string; isPooled: boolean }[]>(
      `SELECT DISTINCT application_name AS name, usename = $1 AS "isPooled" FROM pg_stat_activity
       WHERE datname = current_database() AND application_name NOT IN ('test', 'signpost-retention') ORDER BY 1`,
      [url.username],
    );
    expect(connections).toEqual([
      { name: 'signpost-api', isPooled: true },
      { name: 'signpost-queue', isPooled: false },
      { name: 'signpost-worker', isPooled: true },
    ]);

    await worker.close();
    await api.close();
    await dataSource.query(`DROP OWNED BY ${url.username}`);
    await dataSource.query(`DROP ROLE ${url.username}`);
    await dataSource.destroy();
    await database.drop();
  });
});

function oldPartitions(): string[] {
  const day = new Date(Date.now() - 40 * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
  return ['events', 'deliveries', 'attempts'].map((table) => `${table}_${day}`);
}
