import { createDataSource, SqlClient } from '@signpost/database';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const END_ALL_OTHERS = {
  name: 'end_all_others',
  text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
};

describe('a connection to PostgreSQL that is lost while somebody holds it and asks for nothing', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('ends no process, and is told of', async () => {
    const dataSource = createDataSource({ url: database.url, poolSize: 3, applicationName: 'test' });
    await dataSource.initialize();
    const sql = new SqlClient(dataSource);
    let lost = 0;
    sql.onConnectionLost(() => (lost += 1));
    // Not the one that the pool was opened with.
    const first = await sql.pool.connect();
    const second = await sql.pool.connect();
    const ended = new Promise<void>((resolve) => second.once('end', resolve));
    await sql.on(first).run(END_ALL_OTHERS, []);
    await ended;
    expect(lost).toBeGreaterThan(0);
    second.release(true);
    first.release();
    await dataSource.destroy();
  });
});
