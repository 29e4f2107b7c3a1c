import { createDataSource, ensurePartitions, Retention } from '@signpost/database';
import { idLowerBound } from '@signpost/domain';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { TestReceiver } from '../support/test-receiver';
import { TestSystem } from '../support/test-system';

const DAY_MS = 86_400_000;

describe('retention', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const oldMs = Date.now() - 40 * DAY_MS;

  beforeEach(async () => {
    database = await createTestDatabase();
    dataSource = createDataSource({ url: database.url, poolSize: 3, applicationName: 'test' });
    await dataSource.initialize();
    await ensurePartitions(dataSource, oldMs);
  });
  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const STORE = '00000000-0000-7000-8000-000000000001';

  function idAt(timeMs: number, n: number): string {
    return idLowerBound(timeMs).slice(0, -4) + n.toString(16).padStart(4, '0');
  }

  async function insertEvent(timeMs: number, n: number, status: string, waiting = false): Promise<string> {
    const id = idAt(timeMs, n);
    await dataSource.query(
      `INSERT INTO events (id, store_id, type, occurred_at, data) VALUES ($1, $2, 'order.create', now(), '{}')`,
      [id, STORE],
    );
    await dataSource.query(
      `INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting)
       VALUES ($1, $2, $1, $2, 'order.create', $3, $4)`,
      [id, STORE, status, waiting],
    );
    return id;
  }

  it('drops the days past retention and keeps the others', async () => {
    await insertEvent(oldMs, 1, 'delivered');
    await insertEvent(Date.now(), 2, 'delivered');

    const report = await new Retention(dataSource, { days: 30, payloadDays: 30 }).run(Date.now());

    expect(report?.owed).toEqual([]);
    expect(report?.dropped).toHaveLength(27);
    expect(await dataSource.query('SELECT id FROM events')).toHaveLength(1);
  });

  it('forgets the counts of hours past retention and keeps the others', async () => {
    for (const at of [new Date(oldMs), new Date()]) {
      await dataSource.query('INSERT INTO webhook_stats (webhook_id, hour, store_id) VALUES ($1, $2, $1)', [STORE, at]);
      await dataSource.query(`INSERT INTO accepted_events VALUES ($1, $2, 0, 1)`, [STORE, at]);
      await dataSource.query(`INSERT INTO attempt_outcomes VALUES ($1, $2, $1, 200, '', 1)`, [STORE, at]);
      await dataSource.query(`INSERT INTO api_key_usage VALUES ($1, $2, 'publish', 1, 0)`, [STORE, at]);
    }

    const report = await new Retention(dataSource, { days: 30, payloadDays: 30 }).run(Date.now());

    expect(report).toMatchObject({ counts: 4, more: false });
    for (const table of ['webhook_stats', 'accepted_events', 'attempt_outcomes', 'api_key_usage']) {
      expect(await dataSource.query(`SELECT FROM ${table}`)).toHaveLength(1);
    }
  });

  it('keeps an old day, events and deliveries, as long as something of it is owed', async () => {
    const id = await insertEvent(oldMs, 1, 'held', true);
    const retention = new Retention(dataSource, { days: 30, payloadDays: 7 });

    const report = await retention.run(Date.now());

    expect(report?.owed).toHaveLength(2);
    expect(await dataSource.query('SELECT data FROM events WHERE id = $1', [id])).toEqual([{ data: '{}' }]);
    await dataSource.query(`UPDATE deliveries SET waiting = false, status = 'failed'`);
    const later = await retention.run(Date.now());
    expect(later).toMatchObject({ owed: [] });
    expect(later?.dropped).toHaveLength(2);
  });

  it('forgets payloads earlier than the log, and none that is still owed', async () => {
    const tenDaysAgoMs = Date.now() - 10 * DAY_MS;
    await ensurePartitions(dataSource, tenDaysAgoMs);
    const delivered = await insertEvent(tenDaysAgoMs, 1, 'delivered');
    const owed = await insertEvent(tenDaysAgoMs, 2, 'retrying', true);

    const report = await new Retention(dataSource, { days: 30, payloadDays: 7 }).run(Date.now());

    expect(report?.payloads).toBe(1);
    expect(await dataSource.query('SELECT id, data FROM events ORDER BY id')).toEqual([
      { id: delivered, data: null },
      { id: owed, data: '{}' },
    ]);
  });

  it('finishes what an interrupted run has detached but not dropped', async () => {
    const [{ name }] = await dataSource.query<[{ name: string }]>(
      `SELECT relname AS name FROM pg_class WHERE relname ~ '^events_[0-9]+$' AND relkind = 'r' ORDER BY 1 LIMIT 1`,
    );
    await dataSource.query(`ALTER TABLE events DETACH PARTITION ${name}`);

    const report = await new Retention(dataSource, { days: 30, payloadDays: 30 }).run(Date.now());

    expect(report?.dropped).toContain(name);
  });

  it('is run by one process at a time', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.query(`SELECT pg_advisory_lock(hashtext('signpost retention'))`);
    expect(await new Retention(dataSource, { days: 30, payloadDays: 30 }).run(Date.now())).toBeNull();
    await holder.query(`SELECT pg_advisory_unlock(hashtext('signpost retention'))`);
    await holder.release();
  });
});

describe('retention under load', () => {
  it('drops partitions while events are published and delivered, and none of them waits or fails', async () => {
    const system = await TestSystem.start('postgres');
    const receiver = await TestReceiver.start();
    await system.createStore('busy');
    const caller = system.api.as(await system.createApiKey('busy'));
    await system.createWebhook('busy', receiver.url);
    const dataSource = createDataSource({ url: system.api.database.url, poolSize: 3, applicationName: 'test' });
    await dataSource.initialize();
    await ensurePartitions(dataSource, Date.now() - 40 * DAY_MS);

    let done = false;
    const published: string[] = [];
    const publishing = (async (): Promise<void> => {
      while (!done) published.push((await system.publish(caller, 'busy', '{}')).id);
    })();
    const report = await new Retention(dataSource, { days: 30, payloadDays: 30 }).run(Date.now());
    done = true;
    await publishing;

    expect(report?.dropped).toHaveLength(27);
    await receiver.received(published.length);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(published));
    await dataSource.destroy();
    await system.stop();
    await receiver.close();
  });
});
