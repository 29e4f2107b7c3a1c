import type { StoreId } from '@signpost/domain';
import { DELIVERED, leasedDelivery, LedgerPlace, leaseOf, newDelivery, settlementOf } from '../support/ledger-place';

// A database of its own: what is counted here is counted for all of its connections.
let place: LedgerPlace;

beforeAll(async () => {
  place = await LedgerPlace.open();
});
afterAll(async () => {
  await place.close();
});

interface Updates {
  all: number;
  hot: number;
}

/** Asks until PostgreSQL's counters, which connections publish when they come to it, have so many updates of deliveries. */
async function updatesOnceThereAre(expected: number): Promise<Updates> {
  for (;;) {
    const [row] = await place.query<Updates>(
      `SELECT sum(n_tup_upd)::int AS all, sum(n_tup_hot_upd)::int AS hot
       FROM pg_stat_user_tables JOIN pg_inherits ON inhrelid = relid WHERE inhparent = 'deliveries'::regclass`,
    );
    if (row !== undefined && row.all >= expected) return row;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it('settles deliveries that were leased at their fan-out in place, without new index entries, also a whole page of them at once', async () => {
  const storeId = await place.store();
  const webhookId = await place.webhook(storeId);
  const { batchId, eventIds } = await place.batch(storeId, 400);
  const lease = leaseOf(await place.worker());
  const deliveries = eventIds.map((id) => newDelivery(storeId, id, webhookId, 'leased'));
  const from = { position: 0, afterWebhook: null };
  await place.fanOuts.commitStep({
    batchId,
    from,
    next: null,
    deliveries,
    lease,
    gates: [],
    apart: [],
    accepted: [],
  });

  const settlements = deliveries.map((delivery) => settlementOf(leasedDelivery(delivery, lease), DELIVERED));
  await place.results.record(settlements, [lease.leaseId], false);

  expect(await updatesOnceThereAre(400)).toEqual({ all: 400, hot: 400 });
});

it('reads nothing of what is held already when it looks for what has to be held', async () => {
  const storeId = await place.store();
  const webhookId = await place.webhook(storeId, { keyActive: false });
  const workerId = await place.worker();
  await place.waiting(storeId, webhookId, 5_000);
  while ((await place.deliveries(webhookId)).some(({ status }) => status !== 'held')) {
    await place.claims.claim(webhookId, leaseOf(workerId), 10);
  }

  let read = Infinity;
  for (let round = 0; round < 20 && read >= 4_000; round += 1) {
    await place.waiting(storeId, webhookId, 3);
    await noOtherSnapshot();
    const before = await deliveriesRead();
    await place.claims.claim(webhookId, leaseOf(workerId), 10);
    read = (await deliveriesRead()) - before;
  }

  // Fewer than are held: entries of those that were held last may be looked at once more.
  expect(read).toBeLessThan(4_000);
  expect(read).toBeGreaterThanOrEqual(3);
});

/**
 * Resolves when nobody else looks at this database, as autovacuum may at any moment: whatever was changed beside an
 * older snapshot is looked at once more when that is gone.
 */
async function noOtherSnapshot(): Promise<void> {
  for (;;) {
    const [row] = await place.query<{ others: number }>(
      `SELECT count(*)::int AS others FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL`,
    );
    if (row?.others === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Entries of indexes of deliveries that connections have read, those included that they had not told of yet. */
async function deliveriesRead(): Promise<number> {
  const { pool } = place.sql;
  const connections = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
  for (const connection of connections) {
    await connection.query('SELECT pg_stat_force_next_flush()');
    connection.release();
  }
  const [row] = await place.query<{ read: number }>(
    `SELECT sum(idx_tup_read)::int AS read
     FROM pg_stat_user_indexes JOIN pg_inherits ON inhrelid = relid WHERE inhparent = 'deliveries'::regclass`,
  );
  return row?.read ?? 0;
}

it('counts the events of a store among many in one row an hour, and spreads those of a store that has whole batches', async () => {
  const [busy, ...others] = await Promise.all(Array.from({ length: 9 }, () => place.store()));
  const lease = leaseOf(await place.worker());
  const from = { position: 0, afterWebhook: null };
  const count = async (counts: ReadonlyMap<StoreId, number>) => {
    const { batchId } = await place.batch(busy!, 1);
    const accepted = [...counts].map(([storeId, events]) => ({ storeId, hourMs: 0, events }));
    await place.fanOuts.commitStep({
      batchId,
      from,
      next: null,
      deliveries: [],
      apart: [],
      lease,
      gates: [],
      accepted,
    });
  };
  for (let batch = 0; batch < 100; batch += 1) {
    await count(new Map([[busy!, 3]]));
    await count(new Map(others.map((storeId) => [storeId, 1])));
  }

  const rowsOf = (storeId: StoreId) =>
    place.query<{ events: number }>('SELECT events FROM accepted_events WHERE store_id = $1', [storeId]);
  for (const storeId of others) expect(await rowsOf(storeId)).toEqual([{ events: 100 }]);
  const spread = await rowsOf(busy!);
  expect(spread.length).toBeGreaterThan(1);
  expect(spread.reduce((sum, { events }) => sum + events, 0)).toBe(300);
});
