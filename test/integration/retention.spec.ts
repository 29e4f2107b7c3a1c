import { createDataSource, ensurePartitions, Retention, type RetentionReport } from '@signpost/database';
import { idLowerBound } from '@signpost/domain';
import { DataSource, type QueryRunner } from 'typeorm';
import { PartitionKeeper } from '../../apps/worker/src/partition-keeper';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { TestReceiver } from '../support/test-receiver';
import { TestSystem } from '../support/test-system';

const DAY_MS = 86_400_000;

describe('retention', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  const keepers: PartitionKeeper[] = [];
  const oldMs = Date.now() - 40 * DAY_MS;

  beforeEach(async () => {
    database = await createTestDatabase();
    dataSource = createDataSource({ url: database.url, poolSize: 3, applicationName: 'test' });
    await dataSource.initialize();
    await ensurePartitions(dataSource, oldMs);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const keeper of keepers.splice(0)) await keeper.stop(60_000);
    await dataSource.destroy();
    await database.drop();
  });

  const STORE = '00000000-0000-7000-8000-000000000001';

  function idAt(timeMs: number, n: number): string {
    return idLowerBound(timeMs).slice(0, -4) + n.toString(16).padStart(4, '0');
  }

  function partitionOf(table: string, timeMs: number): string {
    return `${table}_${new Date(timeMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
  }

  async function insertDelivery(id: string, eventId: string, status: string, waiting = false): Promise<void> {
    await dataSource.query(
      `INSERT INTO deliveries (id, store_id, event_id, webhook_id, event_type, status, waiting)
       VALUES ($1, $2, $3, $2, 'order.create', $4, $5)`,
      [id, STORE, eventId, status, waiting],
    );
  }

  /** An event with one delivery, which was made at the same time if no other is given. */
  async function insertEvent(
    ...[timeMs, n, status, waiting, fannedOutMs = timeMs]: [number, number, string, boolean?, number?]
  ): Promise<string> {
    const id = idAt(timeMs, n);
    await dataSource.query(
      `INSERT INTO events (id, store_id, type, occurred_at, data) VALUES ($1, $2, 'order.create', now(), '{}')`,
      [id, STORE],
    );
    await insertDelivery(idAt(fannedOutMs, n), id, status, waiting);
    return id;
  }

  /** Of which it is said that no webhook was subscribed. */
  function eventsWithoutDeliveries(): Promise<unknown> {
    return dataSource.query(
      'SELECT id FROM events e WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.event_id = e.id)',
    );
  }

  /** @returns what `action` does, which begins with the first partition that is dropped */
  function atFirstDrop<T>(action: () => Promise<T>): Promise<T> {
    type CreateRunner = (this: DataSource, ...args: Parameters<DataSource['createQueryRunner']>) => QueryRunner;
    const createRunner: CreateRunner = Reflect.get(DataSource.prototype, 'createQueryRunner');
    return new Promise((resolve) => {
      jest.spyOn(DataSource.prototype, 'createQueryRunner').mockImplementation(function (this: DataSource, ...args) {
        const runner = createRunner.apply(this, args);
        const query = runner.query.bind(runner);
        jest.spyOn(runner, 'query').mockImplementation((sql: string, values?: Parameters<typeof query>[1]) => {
          if (sql.startsWith('DROP TABLE')) resolve(action());
          return query(sql, values);
        });
        return runner;
      });
    });
  }

  it('drops the days past retention and keeps the others', async () => {
    await insertEvent(oldMs, 1, 'delivered');
    await insertEvent(Date.now(), 2, 'delivered');

    const report = await new Retention(database.url, { days: 30, payloadDays: 30 }).run();

    expect(report?.owed).toEqual([]);
    expect(report?.dropped).toHaveLength(27);
    expect(await dataSource.query('SELECT id FROM events')).toHaveLength(1);
  });

  it('drops no more than the partition at hand once its keeper is to stop, and the next one drops the rest', async () => {
    const settings = { days: 30, payloadDays: 30 };
    const reports: RetentionReport[] = [];
    const failures: unknown[] = [];
    const observer = {
      retained: (report: RetentionReport) => void reports.push(report),
      retentionFailed: (error: unknown) => void failures.push(error),
    };
    const keeper = new PartitionKeeper(dataSource, new Retention(database.url, settings), observer);
    const stopped = atFirstDrop(() => keeper.stop(60_000));
    await keeper.start();
    await stopped;
    expect(failures).toEqual([]);
    expect(reports).toEqual([expect.objectContaining({ dropped: [expect.any(String)], more: true })]);

    expect((await new Retention(database.url, settings).run())?.dropped).toHaveLength(26);
  });

  it('keeps today, and makes the days ahead, by the clock of PostgreSQL when that of the worker is forty days ahead', async () => {
    const today = await insertEvent(Date.now(), 1, 'delivered');
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 40 * DAY_MS);
    await new Promise<RetentionReport>((retained, retentionFailed) => {
      const observer = { retained, retentionFailed };
      const keeper = new PartitionKeeper(
        dataSource,
        new Retention(database.url, { days: 30, payloadDays: 30 }),
        observer,
      );
      keepers.push(keeper);
      keeper.start().catch(retentionFailed);
    });
    jest.restoreAllMocks();

    expect(await dataSource.query('SELECT id FROM events')).toEqual([{ id: today }]);
    const [{ latest }] = await dataSource.query<[{ latest: string }]>(
      `SELECT max(relname) AS latest FROM pg_class WHERE relname ~ '^events_[0-9]+$' AND relkind = 'r'`,
    );
    expect(latest).toBe(partitionOf('events', Date.now() + 7 * DAY_MS));
  });

  it('forgets the counts of hours past retention and keeps the others', async () => {
    for (const at of [new Date(oldMs), new Date()]) {
      await dataSource.query('INSERT INTO webhook_stats (webhook_id, hour, store_id) VALUES ($1, $2, $1)', [STORE, at]);
      await dataSource.query(`INSERT INTO accepted_events VALUES ($1, $2, 0, 1)`, [STORE, at]);
      await dataSource.query(`INSERT INTO attempt_outcomes VALUES ($1, $2, $1, 200, '', 1)`, [STORE, at]);
      await dataSource.query(`INSERT INTO api_key_usage VALUES ($1, $2, 'publish', 1, 0)`, [STORE, at]);
    }

    const report = await new Retention(database.url, { days: 30, payloadDays: 30 }).run();

    expect(report).toMatchObject({ counts: 4, more: false });
    for (const table of ['webhook_stats', 'accepted_events', 'attempt_outcomes', 'api_key_usage']) {
      expect(await dataSource.query(`SELECT FROM ${table}`)).toHaveLength(1);
    }
  });

  it('forgets sign-ins that nobody completed, and failures to sign in, once their time is over', async () => {
    await dataSource.query(`
      INSERT INTO throttles (subject, failures, resets_at)
      VALUES ('over', 1, now() - interval '1 second'), ('counts', 1, now() + interval '1 hour');
      INSERT INTO person_verifications (id, identifier, value, expires_at)
      VALUES (gen_random_uuid(), 'over', '', now() - interval '1 second'),
        (gen_random_uuid(), 'waits', '', now() + interval '1 hour')`);
    await new Retention(database.url, { days: 30, payloadDays: 30 }).run();
    expect(await dataSource.query('SELECT subject FROM throttles')).toEqual([{ subject: 'counts' }]);
    expect(await dataSource.query('SELECT identifier FROM person_verifications')).toEqual([{ identifier: 'waits' }]);
  });

  it('makes days of the counts of hours that are more than eight days old, and loses none', async () => {
    const dayMs = Math.floor(Date.now() / DAY_MS - 12) * DAY_MS;
    const [first, second, third] = [0, 5, 23].map((hour) => new Date(dayMs + hour * 3_600_000));
    const recent = new Date(Math.floor(Date.now() / DAY_MS - 8) * DAY_MS + 3_600_000);
    for (const [at, count] of [
      [first, 1],
      [second, 10],
      [third, 100],
      [recent, 1_000],
    ] as const) {
      await dataSource.query(
        `INSERT INTO webhook_stats VALUES ($1, $2, $1, $3::int, $3, $3, $3, $3::int, ARRAY[0, $3])`,
        [...[STORE, at, count]],
      );
      await dataSource.query(`INSERT INTO accepted_events VALUES ($1, $2, 3, $3)`, [STORE, at, count]);
      await dataSource.query(`INSERT INTO attempt_outcomes VALUES ($1, $2, $1, 200, '', $3)`, [STORE, at, count]);
    }
    const retention = new Retention(database.url, { days: 30, payloadDays: 30 });

    expect(await retention.run()).toMatchObject({ hours: 6, counts: 0, more: false });

    expect(
      await dataSource.query(
        `SELECT hour, attempts, delivered, failed_attempts, failed, duration_ms, durations FROM webhook_stats ORDER BY hour`,
      ),
    ).toEqual(
      [
        [first, 111],
        [recent, 1_000],
      ].map(([hour, count]) => ({
        ...{ hour, attempts: count, delivered: count, failed_attempts: count, failed: count, duration_ms: count },
        durations: [0, count],
      })),
    );
    expect(await dataSource.query('SELECT hour, slot, events FROM accepted_events ORDER BY hour')).toEqual([
      { hour: first, slot: 3, events: 111 },
      { hour: recent, slot: 3, events: 1_000 },
    ]);
    expect(await dataSource.query('SELECT hour, attempts FROM attempt_outcomes ORDER BY hour')).toEqual([
      { hour: first, attempts: 111 },
      { hour: recent, attempts: 1_000 },
    ]);
    expect(await retention.run()).toMatchObject({ hours: 0 });
  });

  it('keeps an old day, events and deliveries, as long as something of it is owed', async () => {
    const id = await insertEvent(oldMs, 1, 'held', true);
    const retention = new Retention(database.url, { days: 30, payloadDays: 7 });

    const report = await retention.run();

    expect(report?.owed).toEqual([
      partitionOf('events', oldMs),
      partitionOf('deliveries', oldMs),
      partitionOf('deliveries', oldMs + DAY_MS),
    ]);
    expect(await dataSource.query('SELECT data FROM events WHERE id = $1', [id])).toEqual([{ data: '{}' }]);
    await dataSource.query(`UPDATE deliveries SET waiting = false, status = 'failed'`);
    const later = await retention.run();
    expect(later).toMatchObject({ owed: [] });
    expect(later?.dropped).toHaveLength(3);
  });

  it('keeps the deliveries of all events that it keeps, because that of one was fanned out after midnight and is owed', async () => {
    const midnightMs = Math.ceil(oldMs / DAY_MS) * DAY_MS;
    await insertEvent(midnightMs - 1, 1, 'held', true, midnightMs);
    await insertEvent(midnightMs - 1, 2, 'delivered', false, midnightMs);
    await insertEvent(midnightMs - DAY_MS, 3, 'delivered');
    const retention = new Retention(database.url, { days: 30, payloadDays: 30 });

    await retention.run();

    expect(await eventsWithoutDeliveries()).toEqual([]);
    expect(await dataSource.query('SELECT id FROM events')).toHaveLength(3);
  });

  it('keeps the deliveries of the day after one that is kept, for its last events were fanned out then', async () => {
    const midnightMs = Math.ceil(oldMs / DAY_MS) * DAY_MS;
    await insertEvent(midnightMs - 2, 1, 'held', true);
    await insertEvent(midnightMs - 1, 2, 'delivered', false, midnightMs);
    const retention = new Retention(database.url, { days: 30, payloadDays: 30 });

    await retention.run();

    expect(await eventsWithoutDeliveries()).toEqual([]);
    expect(await dataSource.query('SELECT id FROM events')).toHaveLength(2);
  });

  it('drops the events of a day before their deliveries', async () => {
    const report = await new Retention(database.url, { days: 30, payloadDays: 30 }).run();

    const day = partitionOf('', oldMs);
    expect(report?.dropped.filter((name) => name.endsWith(day))).toEqual([
      `events${day}`,
      `deliveries${day}`,
      `attempts${day}`,
    ]);
  });

  it('forgets payloads earlier than the log, and none that is still owed', async () => {
    const tenDaysAgoMs = Date.now() - 10 * DAY_MS;
    await ensurePartitions(dataSource, tenDaysAgoMs);
    const delivered = await insertEvent(tenDaysAgoMs, 1, 'delivered');
    const owed = await insertEvent(tenDaysAgoMs, 2, 'retrying', true);

    const report = await new Retention(database.url, { days: 30, payloadDays: 7 }).run();

    expect(report?.payloads).toBe(1);
    expect(await dataSource.query('SELECT id, data FROM events ORDER BY id')).toEqual([
      { id: delivered, data: null },
      { id: owed, data: '{}' },
    ]);
  });

  it('forgets the payloads of a day past retention that is kept, but for those that are owed', async () => {
    const held = await insertEvent(oldMs, 1, 'held', true);
    const delivered = await insertEvent(oldMs, 2, 'delivered');

    const report = await new Retention(database.url, { days: 30, payloadDays: 30 }).run();

    expect(report?.payloads).toBe(1);
    expect(await dataSource.query('SELECT id, data FROM events ORDER BY id')).toEqual([
      { id: held, data: '{}' },
      { id: delivered, data: null },
    ]);
  });

  it('forgets the payload of what was owed once it is settled', async () => {
    await ensurePartitions(dataSource, Date.now() - 10 * DAY_MS);
    await insertEvent(Date.now() - 10 * DAY_MS, 1, 'retrying', true);
    await insertEvent(Date.now() - 10 * DAY_MS, 2, 'delivered');
    const retention = new Retention(database.url, { days: 30, payloadDays: 7 });
    expect(await retention.run()).toMatchObject({ payloads: 1 });
    expect(await retention.run()).toMatchObject({ payloads: 0 });

    await dataSource.query(`UPDATE deliveries SET waiting = false, status = 'delivered'`);

    expect(await retention.run()).toMatchObject({ payloads: 1 });
    expect(await dataSource.query('SELECT FROM events WHERE data IS NOT NULL')).toEqual([]);
  });

  it('looks for what is no longer owed at a bounded number of events a run, and comes to all of them', async () => {
    const tenDaysAgoMs = Date.now() - 10 * DAY_MS;
    await ensurePartitions(dataSource, tenDaysAgoMs);
    await insertEvent(tenDaysAgoMs, 1, 'held', true);
    await dataSource.query(
      `INSERT INTO events (id, store_id, type, occurred_at, data)
       SELECT (left($1, 24) || lpad(to_hex(n), 12, '0'))::uuid, $2, 'order.create', now(), '{}' FROM generate_series(2, 120000) n`,
      [idLowerBound(tenDaysAgoMs), STORE],
    );
    const last = await insertEvent(tenDaysAgoMs + 1, 1, 'retrying', true);
    const retention = new Retention(database.url, { days: 30, payloadDays: 7 });
    while ((await retention.run())?.more);
    expect(await dataSource.query('SELECT FROM events WHERE data IS NOT NULL')).toHaveLength(2);

    await dataSource.query(`UPDATE deliveries SET waiting = false, status = 'delivered' WHERE event_id = $1`, [last]);

    expect(await retention.run()).toMatchObject({ payloads: 0, more: false });
    expect(await retention.run()).toMatchObject({ payloads: 1, more: false });
  });

  it('finishes what an interrupted run has detached but not dropped', async () => {
    const [{ name }] = await dataSource.query<[{ name: string }]>(
      `SELECT relname AS name FROM pg_class WHERE relname ~ '^events_[0-9]+$' AND relkind = 'r' ORDER BY 1 LIMIT 1`,
    );
    await dataSource.query(`ALTER TABLE events DETACH PARTITION ${name}`);

    const report = await new Retention(database.url, { days: 30, payloadDays: 30 }).run();

    expect(report?.dropped).toContain(name);
  });

  it('forgets payloads while a partition past retention is in use, and drops it once that has ended', async () => {
    await insertEvent(oldMs, 1, 'delivered');
    await insertEvent(oldMs + 5 * DAY_MS, 2, 'delivered');
    const retention = new Retention(database.url, { days: 38, payloadDays: 30 });
    const reader = dataSource.createQueryRunner();
    await reader.query(`BEGIN; LOCK TABLE ${partitionOf('events', oldMs)} IN ACCESS SHARE MODE`);

    const report = await retention.run();
    expect(report).toMatchObject({ inUse: partitionOf('events', oldMs), payloads: 2 });
    // The deliveries of its events stay, too: without them, it would look as if no webhook had wanted these events.
    expect(report?.dropped).not.toContain(partitionOf('deliveries', oldMs));

    await reader.query('COMMIT');
    await reader.release();
    expect(await retention.run()).toMatchObject({ inUse: null, dropped: expect.arrayContaining([report?.inUse]) });
  });

  it('is run by one process at a time', async () => {
    const holder = dataSource.createQueryRunner();
    await holder.query(`SELECT pg_advisory_lock(hashtext('signpost retention'))`);
    expect(await new Retention(database.url, { days: 30, payloadDays: 30 }).run()).toBeNull();
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
    const report = await new Retention(system.api.database.url, { days: 30, payloadDays: 30 }).run();
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
