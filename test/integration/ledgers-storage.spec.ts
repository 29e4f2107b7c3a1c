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
  await place.fanOuts.commitStep({ batchId, from, next: null, deliveries, lease, gates: [], accepted: [] });

  const settlements = deliveries.map((delivery) => settlementOf(leasedDelivery(delivery, lease), DELIVERED));
  await place.results.record(settlements, [lease.leaseId], false);

  expect(await updatesOnceThereAre(400)).toEqual({ all: 400, hot: 400 });
});
