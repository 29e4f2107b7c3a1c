import { AuditLog, DeliveryStats, retryByHand } from '@signpost/database';
import type { LeasedDelivery } from '@signpost/delivery';
import {
  type DeliveryId,
  idLowerBound,
  type LeaseId,
  mintId,
  type StoreId,
  type WebhookId,
  type WorkerId,
} from '@signpost/domain';
import { DELIVERED, LedgerPlace, leaseOf, newDelivery, RETRIED, settlementOf } from '../support/ledger-place';

let place: LedgerPlace;
let storeId: StoreId;
let workerId: WorkerId;
let webhookId: WebhookId;

beforeAll(async () => {
  place = await LedgerPlace.open();
});
beforeEach(async () => {
  storeId = await place.store();
  workerId = await place.worker();
  webhookId = await place.webhook(storeId);
});
afterEach(async () => {
  await place.query('TRUNCATE deliveries, attempts, leases, outbox, idempotency_keys');
  await place.query('DELETE FROM workers');
});
afterAll(async () => {
  await place.close();
});

/** So many deliveries of a webhook that one fan-out found no room for, in the order in which it wrote them. */
async function overflow(count: number, of = webhookId): Promise<DeliveryId[]> {
  const { batchId, eventIds } = await place.batch(storeId, count);
  const deliveries = eventIds.map((eventId) => newDelivery(storeId, eventId, of, 'overflow'));
  await place.fanOuts.commitStep({
    batchId,
    from: { position: 0, afterWebhook: null },
    next: null,
    deliveries,
    lease: leaseOf(workerId),
    gates: [{ webhookId: of, delayMs: 0 }],
    apart: [],
    accepted: [],
  });
  return deliveries.map(({ id }) => id);
}

const claim = (limit: number, by = workerId): Promise<readonly LeasedDelivery[]> => place.claim(webhookId, by, limit);
const idsOf = (deliveries: readonly { readonly id: DeliveryId }[]) => deliveries.map(({ id }) => id).sort();
const leasesOf = (deliveries: readonly LeasedDelivery[]) => [...new Set(deliveries.map(({ leaseId }) => leaseId))];
const waitAlone = async () => (await place.deliveries(webhookId)).filter(({ waiting }) => waiting).length;

/** Claims until nothing is left. */
async function claimAll(limit: number, by = workerId): Promise<LeasedDelivery[]> {
  const taken: LeasedDelivery[] = [];
  for (;;) {
    const { deliveries, moreDue } = await place.claims.claim(webhookId, leaseOf(by), limit);
    taken.push(...deliveries);
    if (!moreDue) return taken;
  }
}

describe('deliveries that overflow together', () => {
  it('are claimed without another version of their rows, as whole parcels, and settled by their first update', async () => {
    const ids = await overflow(120);
    const written = await place.query('SELECT id, xmin::text FROM deliveries ORDER BY id');

    const claimed = await claim(150);

    expect(idsOf(claimed)).toEqual([...ids].sort());
    expect(leasesOf(claimed)).toHaveLength(3);
    expect(await place.query('SELECT id, xmin::text FROM deliveries ORDER BY id')).toEqual(written);
    await place.results.record(
      claimed.map((delivery) => settlementOf(delivery, DELIVERED)),
      leasesOf(claimed),
      false,
    );
    expect(new Set((await place.deliveries(webhookId)).map(({ status }) => status))).toEqual(new Set(['delivered']));
    expect(await place.count('leases')).toBe(0);
    expect(await claim(150)).toEqual([]);
    expect((await place.gate(webhookId)).due_in_ms).toBeNull();
  });

  it('come with their events, and with none that is gone', async () => {
    const [id] = (await overflow(10)).sort();
    await place.query('DELETE FROM events WHERE id = (SELECT event_id FROM deliveries WHERE id = $1)', [id]);

    const claimed = await claim(10);

    expect(claimed).toHaveLength(10);
    expect(claimed.filter(({ event }) => event.data === '{}')).toHaveLength(9);
    expect(claimed.find((delivery) => delivery.id === id)?.event.data).toBeNull();
    expect(claimed[0]).toMatchObject({ storeId, webhookId, attemptsMade: 0, trigger: 'schedule', probe: false });
  });

  it('wait each for itself where they are few', async () => {
    await overflow(9);

    expect(await waitAlone()).toBe(9);
    expect(await place.count('leases')).toBe(0);
  });

  it('are shared by workers that claim at the same time: each goes to one of them', async () => {
    const ids = [...(await overflow(130)), ...(await overflow(40))];
    const workers = await Promise.all([1, 2, 3].map(() => place.worker()));

    const taken = await Promise.all(workers.map((worker) => claimAll(60, worker)));

    expect(idsOf(taken.flat())).toEqual([...ids].sort());
  });

  it('are taken as far as there is room, and come one by one where there is less than for a parcel', async () => {
    const ids = await overflow(50);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 30);
    const second = await claimAll(15);

    expect(first.deliveries).toHaveLength(30);
    expect(first.moreDue).toBe(true);
    expect(idsOf([...first.deliveries, ...second])).toEqual([...ids].sort());
  });

  it('of large payloads come a parcel at a time', async () => {
    await overflow(20);
    await overflow(20);
    await place.query('UPDATE leases SET payload_units = 5000000');

    expect(await claim(150)).toHaveLength(20);
    expect(await claim(150)).toHaveLength(20);
  });

  it('go after what has waited longer, and before what waits since later', async () => {
    const older = await place.waiting(storeId, webhookId, 2);
    const parcel = await overflow(10);
    const later = await place.waiting(storeId, webhookId, 3);
    await place.query(`UPDATE deliveries SET due_at = clock_timestamp() WHERE id = ANY ($1::uuid[])`, [later]);

    const claims = [await claim(2), await claim(11), await claim(10)];

    expect(claims.map(idsOf)).toEqual([older, parcel, later].map((ids) => [...ids].sort()));
  });

  it('are counted as waiting until a worker has them', async () => {
    await overflow(30);
    const stats = new DeliveryStats(place.sql);
    const before = await stats.backlog(storeId, webhookId);
    await claim(100);

    expect(before).toEqual({ waiting: 30, held: 0, exact: true });
    expect(await stats.backlog(storeId, null)).toEqual({ waiting: 0, held: 0, exact: true });
  });
});

describe('leases', () => {
  const plan = async (query: string): Promise<string> =>
    (await place.query<Record<string, string>>(`EXPLAIN ${query}`)).flatMap((row) => Object.values(row)).join('\n');

  it('are found by the webhook or by the worker, never by walking all of them, also where statistics know of no parcel', async () => {
    await place.query(
      `INSERT INTO leases (id, worker_id, delivery_ids) SELECT gen_random_uuid(), $1, '{}' FROM generate_series(1, 40)`,
      [workerId],
    );
    await place.query('ANALYZE leases');

    const ofWebhook = `FROM leases WHERE webhook_id = '${webhookId}' AND worker_id IS NULL`;
    const plans = [
      await plan(`SELECT id ${ofWebhook} ORDER BY due_at, id LIMIT 10`),
      await plan(`SELECT min(due_at) ${ofWebhook}`),
      await plan(`SELECT EXISTS (SELECT ${ofWebhook})`),
      await plan(`SELECT id FROM leases WHERE worker_id = ANY (ARRAY(SELECT id FROM workers))`),
      await plan(`SELECT FROM workers w WHERE EXISTS (SELECT FROM leases l WHERE l.worker_id = w.id)`),
    ];

    expect(plans.map((lines) => /using (leases_\w+)/.exec(lines)?.[1])).toEqual([
      ...['leases_parcels', 'leases_parcels', 'leases_parcels'],
      ...['leases_worker', 'leases_worker'],
    ]);
  });
});

describe('a parcel', () => {
  it('is canceled with its webhook', async () => {
    await overflow(1_100);
    await place.query('UPDATE webhooks SET enabled = false WHERE id = $1', [webhookId]);

    const [first, second] = [await place.claims.claim(webhookId, leaseOf(workerId), 100), await claim(100)];

    expect(first).toMatchObject({ deliveries: [], wakes: [{ webhookId, delayMs: 0 }] });
    expect(second).toEqual([]);
    const states = (await place.deliveries(webhookId)).map(({ status, waiting }) => `${status} ${waiting}`);
    expect(new Set(states)).toEqual(new Set(['canceled false']));
    expect([(await place.gate(webhookId)).due_in_ms, await place.count('leases')]).toEqual([null, 0]);
  });

  it('is canceled also when it was packed while the claim waited, that took the webhook for one without any', async () => {
    await overflow(20);
    await place.query('UPDATE webhooks SET enabled = false WHERE id = $1', [webhookId]);
    await place.query('UPDATE leases SET worker_id = $1', [workerId]);
    const packing: Parameters<LedgerPlace['beside']>[0] = [
      ['UPDATE leases SET worker_id = NULL', []],
      ['UPDATE gates SET due_at = now() WHERE webhook_id = $1', [webhookId]],
    ];

    await place.beside(packing, async (commit) => {
      const claiming = claim(100);
      await place.lockWaits(1);
      await commit();
      await claiming;
    });

    expect(new Set((await place.deliveries(webhookId)).map(({ status }) => status))).toEqual(new Set(['canceled']));
  });

  it('is held without an active key, and goes when there is one', async () => {
    const ids = await overflow(30);
    await place.query('UPDATE api_keys SET activated = false WHERE store_id = $1', [storeId]);
    expect(await claim(100)).toEqual([]);
    expect((await place.deliveries(webhookId)).every(({ status, waiting }) => status === 'held' && waiting)).toBe(true);

    await place.query('UPDATE api_keys SET activated = true WHERE store_id = $1', [storeId]);

    expect(idsOf(await claim(100))).toEqual([...ids].sort());
  });

  it('waits for an open breaker, and gives one delivery as its probe', async () => {
    await overflow(20);
    await place.query(
      `UPDATE gates SET failures = 10, openings = 1, open_until = now() + interval '1 hour' WHERE webhook_id = $1`,
      [webhookId],
    );
    const whileOpen = await claim(100);
    await place.query(`UPDATE gates SET open_until = now() - interval '1 second' WHERE webhook_id = $1`, [webhookId]);

    expect(whileOpen).toEqual([]);
    expect(await claim(100)).toMatchObject([{ probe: true }]);
    expect(await claim(100)).toEqual([]);
  });

  it('of a webhook that has got a rate limit goes as its permits allow', async () => {
    await overflow(20);
    await place.query('UPDATE webhooks SET rate_limit = 5 WHERE id = $1', [webhookId]);
    await place.query('UPDATE gates SET permits = 3, permits_at = now() WHERE webhook_id = $1', [webhookId]);

    expect(await claim(100)).toHaveLength(3);
  });

  it('goes without a delivery that was retried by hand, which is attempted once all the same', async () => {
    const ids = await overflow(12);
    const places = { sql: place.sql, audit: new AuditLog(place.dataSource, Date.now) };
    const actor = { kind: 'operator', id: null, address: null } as const;

    const outcome = await retryByHand(places, storeId, ids[0]!, actor);
    const taken = await claimAll(100);

    expect(outcome.kind).toBe('accepted');
    expect(idsOf(taken)).toEqual([...ids].sort());
    expect(taken.filter(({ trigger }) => trigger === 'manual')).toMatchObject([{ id: ids[0] }]);
  });

  it('that was taken is due again when its worker dies, and what that one still records changes nothing', async () => {
    const ids = await overflow(20);
    const late = await claim(100);
    await place.lapse(workerId);

    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(20);
    await place.results.record([settlementOf(late[0]!, RETRIED)], [], false);

    workerId = await place.worker();
    expect(idsOf(await claimAll(100))).toEqual([...ids].sort());
  });

  it('that nobody has taken outlives the worker that packed it', async () => {
    await overflow(20);
    await place.lapse(workerId);

    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(0);

    workerId = await place.worker();
    expect(await claim(100)).toHaveLength(20);
  });

  it('is let go of when the answer to its claim was lost, but not while that may still come', async () => {
    await overflow(20);
    const lease = leaseOf(workerId);
    const betweenFanOutAndClaim = lease.leaseId;
    await place.claims.claim(webhookId, lease, 100);
    const later = idLowerBound(Date.now() + 60_000) as LeaseId;

    const young = await place.leases.freeForgotten(workerId, [], betweenFanOutAndClaim);
    const underWay = await place.leases.freeForgotten(workerId, [lease.leaseId], later);
    const lost = await place.leases.freeForgotten(workerId, [], later);

    expect([young, underWay, lost]).toEqual([0, 0, 20]);
    expect(await waitAlone()).toBe(20);
  });

  it('that is known by its own name is kept', async () => {
    await overflow(20);
    const taken = await claim(100);

    expect(await place.leases.freeForgotten(workerId, leasesOf(taken), mintId('lease', Date.now() + 60_000))).toBe(0);
  });
});
