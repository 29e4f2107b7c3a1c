import { createDataSource, DaysAhead } from '@signpost/database';
import type { DataSource } from 'typeorm';
import { eventually } from '../support/eventually';
import { startTestApi } from '../support/test-api';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

let database: TestDatabase;
let dataSource: DataSource;

const days = async (): Promise<string[]> => {
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits
     WHERE inhparent IN ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass) ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

/** The database as it would be had nothing run on it for weeks. */
const dropDays = async (): Promise<void> => {
  for (const name of await days()) await dataSource.query(`DROP TABLE ${name}`);
};

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = createDataSource({ url: database.url, poolSize: 1, applicationName: 'signpost-test' });
  await dataSource.initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

it('an API that is the first to start after weeks takes events, though no worker runs', async () => {
  await dropDays();
  const api = await startTestApi({ database });
  await api.operator.post('/api/v1/stores', { key: 'shop', name: 'Shop' });

  const published = await api.operator.post('/api/v1/stores/shop/events', { type: 'order.create', data: {} });

  expect(published.status).toBe(202);
  await api.close();
});

it('days are made again and again, until that is stopped', async () => {
  const failures: unknown[] = [];
  const ahead = new DaysAhead(dataSource, (error) => failures.push(error), 20);
  await ahead.start();
  const made = await days();
  expect(made).toHaveLength(27);

  await dropDays();
  await eventually(async () => expect(await days()).toEqual(made));

  ahead.stop();
  expect(failures).toEqual([]);
});

it('why days could not be made is told, and they are made once they can be', async () => {
  await dropDays();
  const failures: unknown[] = [];
  const ahead = new DaysAhead(dataSource, (error) => failures.push(error), 20);
  await ahead.start();
  const made = await days();

  await dropDays();
  await dataSource.query('ALTER TABLE attempts RENAME TO elsewhere');
  await eventually(async () => expect(failures).not.toEqual([]));
  await dataSource.query('ALTER TABLE elsewhere RENAME TO attempts');
  await eventually(async () => expect(await days()).toEqual(made));

  expect(String(failures[0])).toContain('"attempts" does not exist');
  ahead.stop();
});
