import type { LeasedDelivery, NextState, RegisteredWebhook } from '@signpost/delivery';
import {
  type BatchId,
  idLowerBound,
  type LeaseId,
  mintId,
  type StoreId,
  type WebhookId,
  type WorkerId,
} from '@signpost/domain';
import fc from 'fast-check';
import { planStep } from '../../libs/delivery/src/fan-out/step-plan';
import { StoreWebhooks } from '../../libs/delivery/src/registry';
import { DELIVERED, LedgerPlace, leaseOf, newDelivery, RETRIED, settlementOf } from '../support/ledger-place';

let place: LedgerPlace;
let storeId: StoreId;
let workerId: WorkerId;
let webhookId: WebhookId;

beforeAll(async () => {
  // The breaker stays out of the way.
  place = await LedgerPlace.open({ threshold: 1_000_000, firstOpenMs: 1, maxOpenMs: 1 });
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

const anyAge = idLowerBound(Date.now() + 3_600_000) as LeaseId;

describe('a fan-out', () => {
  interface Fanning {
    readonly webhooks: StoreWebhooks;
    readonly stepMax: number;
    /** Steps after which the worker dies. */
    readonly stepsUntilDeath: number;
  }

  /** Fans a batch out as a worker does, step by step, until it is done or taken over. */
  async function fanOut(batchId: BatchId, { webhooks, stepMax, stepsUntilDeath }: Fanning): Promise<void> {
    const lease = leaseOf(workerId);
    for (let step = 0; step < stepsUntilDeath; step += 1) {
      const batch = await place.fanOuts.openBatch(batchId, 3);
      if (batch === null) return;
      const { pairs, next } = planStep(batch, new Map([[storeId, webhooks]]), {
        deliveriesMax: stepMax,
        webhooksMax: Infinity,
      });
      const committed = await place.fanOuts.commitStep({
        batchId,
        from: { position: batch.position, afterWebhook: batch.afterWebhook },
        next,
        deliveries: pairs.map(({ event, webhook }) => newDelivery(storeId, event.id, webhook.id, 'overflow')),
        lease: { ...lease, leaseId: mintId('lease', Date.now()) },
        gates: [],
        apart: [],
        accepted: [],
      });
      if (committed === null) return;
    }
  }

  const registered = (id: WebhookId): RegisteredWebhook => ({
    id,
    storeId,
    url: '',
    eventTypes: ['order.create'],
    enabled: true,
    rateLimit: null,
    signer: null,
  });

  it('makes each delivery exactly once, however many workers are at it and wherever they die', async () => {
    const ids = [webhookId, await place.webhook(storeId), await place.webhook(storeId)].sort();
    const webhooks = new StoreWebhooks('1', ids.map(registered));
    const anyWorker = fc.record({
      webhooks: fc.constant(webhooks),
      stepMax: fc.integer({ min: 1, max: 7 }),
      stepsUntilDeath: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 8 }),
        fc.array(anyWorker, { maxLength: 4 }),
        async (events, workers) => {
          const { batchId, eventIds } = await place.batch(storeId, events);

          await Promise.all(workers.map((worker) => fanOut(batchId, worker)));
          await fanOut(batchId, { webhooks, stepMax: 4, stepsUntilDeath: Infinity });

          const made = await place.query<{ pair: string }>(
            `SELECT event_id || ' ' || webhook_id AS pair FROM deliveries WHERE event_id = ANY ($1::uuid[])`,
            [eventIds],
          );
          const expected = eventIds.flatMap((eventId) => ids.map((id) => `${eventId} ${id}`));
          expect(made.map(({ pair }) => pair).sort()).toEqual(expected.sort());
          expect(await place.fanOuts.openBatch(batchId, 500)).toBeNull();
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('claims of one webhook by several workers at once', () => {
  it('share what is due: each delivery goes to one of them', async () => {
    const ids = await place.waiting(storeId, webhookId, 120);
    const workers = await Promise.all([1, 2, 3, 4].map(() => place.worker()));

    const taken = await Promise.all(
      workers.map(async (worker) => {
        const mine: LeasedDelivery[] = [];
        for (;;) {
          const { deliveries, moreDue } = await place.claims.claim(webhookId, leaseOf(worker), 7);
          mine.push(...deliveries);
          if (!moreDue) return mine;
        }
      }),
    );

    expect(
      taken
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect((await place.gate(webhookId)).due_in_ms).toBeNull();
  });
});

describe('a gate', () => {
  /** A claim that has found nothing due, closed the gate, and is about to commit. */
  const closingClaim = (): Parameters<LedgerPlace['beside']>[0] => [
    ['UPDATE gates SET due_at = NULL WHERE webhook_id = $1', [webhookId]],
  ];
  const dueNow = () => place.query('UPDATE gates SET due_at = now() WHERE webhook_id = $1', [webhookId]);

  async function meetingAClosingClaim<T>(work: () => Promise<T>): Promise<T> {
    await dueNow();
    return place.beside(closingClaim(), async (commit) => {
      const result = work();
      await place.lockWaits(1);
      await commit();
      return result;
    });
  }

  it('is open after a release that met a claim which saw nothing of it yet', async () => {
    await place.waiting(storeId, webhookId, 1);
    const claimed = await place.claim(webhookId, workerId, 1);

    const wakes = await meetingAClosingClaim(() => place.results.release(claimed, [{ webhookId, delayMs: 0 }], []));

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
  });

  it('is open after a fan-out that met such a claim', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 1);

    const committed = await meetingAClosingClaim(() =>
      place.fanOuts.commitStep({
        batchId,
        from: { position: 0, afterWebhook: null },
        next: null,
        deliveries: [newDelivery(storeId, eventIds[0]!, webhookId, 'due')],
        lease: leaseOf(workerId),
        gates: [{ webhookId, delayMs: 5_000 }],
        apart: [],
        accepted: [],
      }),
    );

    expect(committed?.wakes).toHaveLength(1);
    expect((await place.gate(webhookId)).due_in_ms).not.toBeNull();
  });

  it.each([
    ['a heartbeat that lets go of forgotten leases', () => place.leases.freeForgotten(workerId, [], anyAge)],
    [
      'a sweep that takes the leases of a dead worker',
      async () => {
        await place.lapse(workerId);
        return place.sweeps.releaseLapsedWorkers(0);
      },
    ],
  ])('is open after %s and met such a claim', async (_name, work) => {
    await place.waiting(storeId, webhookId, 1);
    await place.claim(webhookId, workerId, 1);

    expect(await meetingAClosingClaim(work)).toBe(1);

    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
  });

  it('stays open when the key became active while a claim waited, which still takes it for inactive', async () => {
    webhookId = await place.webhook(storeId, { keyActive: false });
    await place.waiting(storeId, webhookId, 1);
    const activation: Parameters<LedgerPlace['beside']>[0] = [
      ['UPDATE api_keys SET activated = true WHERE store_id = $1', [storeId]],
      ['UPDATE gates SET due_at = now() WHERE webhook_id = $1', [webhookId]],
    ];

    const { wakes } = await place.beside(activation, async (commit) => {
      const claim = place.claims.claim(webhookId, leaseOf(workerId), 10);
      await place.lockWaits(1);
      await commit();
      return claim;
    });

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
    expect(await place.claim(webhookId, workerId, 10)).toHaveLength(1);
  });

  /** The leases that the worker knows of; those whose answer was lost are not among them. */
  const known = new Set<LeaseId>();
  const claim = async (count: number): Promise<readonly LeasedDelivery[]> => {
    const lease = leaseOf(workerId);
    known.add(lease.leaseId);
    return (await place.claims.claim(webhookId, lease, count)).deliveries;
  };
  const leasesOf = (deliveries: readonly LeasedDelivery[]) => [...new Set(deliveries.map(({ leaseId }) => leaseId))];
  const settle = async (count: number, next: Parameters<typeof settlementOf>[1]): Promise<void> => {
    const claimed = await claim(count);
    const settlements = claimed.map((delivery) => settlementOf(delivery, next));
    if (claimed.length > 0) await place.results.record(settlements, leasesOf(claimed), false);
  };

  /** What workers do to the deliveries of one webhook, each as a function of how many deliveries it concerns. */
  const deeds = {
    claim: (count: number) => claim(count),
    loseAnswer: (count: number) => place.claim(webhookId, workerId, count),
    beat: () => place.leases.freeForgotten(workerId, [...known], anyAge),
    deliver: (count: number) => settle(count, DELIVERED),
    fail: (count: number) => settle(count, { kind: 'retry', delayMs: 0, errorCode: 'http_error' }),
    release: async (count: number) => {
      const claimed = await claim(count);
      await place.results.release(claimed, [{ webhookId, delayMs: 0 }], leasesOf(claimed));
    },
    // Every second count makes a parcel.
    fanOut: async (count: number) => {
      const { batchId, eventIds } = await place.batch(storeId, count % 2 === 0 ? count : count + 10);
      await place.fanOuts.commitStep({
        batchId,
        from: { position: 0, afterWebhook: null },
        next: null,
        deliveries: eventIds.map((id) => newDelivery(storeId, id, webhookId, 'overflow')),
        lease: leaseOf(workerId),
        gates: [{ webhookId, delayMs: 1_000 }],
        apart: [],
        accepted: [],
      });
    },
  };

  it('is never closed while deliveries wait, whatever workers do to them at the same time', async () => {
    const anyDeed = fc.tuple(
      fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])),
      fc.constantFrom(1, 2, 3, 4, 5, 12),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyDeed, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        async (workers) => {
          webhookId = await place.webhook(storeId);
          await place.waiting(storeId, webhookId, 5);

          await Promise.all(
            workers.map(async (todo) => {
              for (const [deed, count] of todo) await deeds[deed](count);
            }),
          );

          const inParcels = await place.query<{ id: string }>(
            'SELECT unnest(delivery_ids) AS id FROM leases WHERE webhook_id = $1 AND worker_id IS NULL',
            [webhookId],
          );
          const parceled = new Set(inParcels.map(({ id }) => id));
          const waiting = (await place.deliveries(webhookId)).filter((one) => one.waiting || parceled.has(one.id));
          const firstDueInMs = Math.max(0, Math.min(...waiting.map(({ due_in_ms }) => due_in_ms)));
          const gate = await place.gate(webhookId);
          // Where a claim said that it comes back, the sweep looks after five seconds.
          if (waiting.length > 0) expect(gate.due_in_ms ?? Infinity).toBeLessThan(firstDueInMs + 5_300);
          const leased = (await place.deliveries(webhookId)).filter(
            ({ waiting: waits, status }) => !waits && (status === 'queued' || status === 'retrying'),
          );
          const [row] = await place.query<{ count: number }>(
            'SELECT count(*)::int AS count FROM leases WHERE id = ANY ($1::uuid[])',
            [[...new Set(leased.map(({ lease_id }) => lease_id))]],
          );
          expect(row?.count).toBe(new Set(leased.map(({ lease_id }) => lease_id)).size);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('records of several workers at once', () => {
  const GONE: NextState = { kind: 'failed', errorCode: 'http_error', disableWebhook: true };
  it.each([
    ['its webhook', GONE, 'SELECT FROM webhooks WHERE id = $1 FOR UPDATE', 2],
    ['its gate', DELIVERED, 'SELECT FROM gates WHERE webhook_id = $1 FOR UPDATE', 0],
  ] as const)(
    'write an attempt once, also when they are repeated while the first try waits for %s',
    async (_for, next, lock, failures) => {
      await place.waiting(storeId, webhookId, 1);
      const claimed = await place.claim(webhookId, workerId, 1);
      const settlements = claimed.map((delivery) => settlementOf(delivery, next));
      await place.query('UPDATE gates SET failures = 1 WHERE webhook_id = $1', [webhookId]);

      await place.beside([[lock, [webhookId]]], async (commit) => {
        const first = place.results.record(settlements, [], false);
        await place.lockWaits(1);
        const second = place.results.record(settlements, [], true);
        await place.lockWaits(2);
        await commit();
        await Promise.all([first, second]);
      });

      expect(await place.count('attempts')).toBe(1);
      expect((await place.gate(webhookId)).failures).toBe(failures);
    },
  );

  it('never wait for each other in a circle, however failures and successes of their webhooks cross', async () => {
    const webhooks = [webhookId, await place.webhook(storeId)];
    await place.query('UPDATE gates SET failures = 1 WHERE webhook_id = ANY ($1::uuid[])', [webhooks]);
    for (let round = 0; round < 15; round += 1) {
      const groups: (readonly [LeasedDelivery, LeasedDelivery])[] = [];
      for (let n = 0; n < 4; n += 1) {
        for (const id of webhooks) await place.waiting(storeId, id, 1);
        const [[a], [b]] = [await place.claim(webhooks[0]!, workerId, 1), await place.claim(webhooks[1]!, workerId, 1)];
        groups.push([a!, b!]);
      }

      const records = groups.map(([a, b], n) =>
        place.results.record(
          [settlementOf(a, n % 2 === 0 ? DELIVERED : RETRIED), settlementOf(b, n % 2 === 0 ? RETRIED : DELIVERED)],
          [a.leaseId, b.leaseId],
          false,
        ),
      );

      expect((await Promise.allSettled(records)).filter(({ status }) => status === 'rejected')).toEqual([]);
    }
  });
});

describe('a lease that is made while its worker ends', () => {
  const newLease = (worker: WorkerId, deliveryId: string): Parameters<LedgerPlace['beside']>[0] => {
    const leaseId = mintId('lease', Date.now());
    return [
      ['INSERT INTO leases (id, worker_id, delivery_ids) VALUES ($1, $2, $3)', [leaseId, worker, [deliveryId]]],
      ['UPDATE deliveries SET waiting = false, lease_id = $1 WHERE id = $2', [leaseId, deliveryId]],
    ];
  };

  it('keeps the row of a worker that retires, so that the sweep finds what it holds', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);

    await place.beside(newLease(workerId, id!), async (commit) => {
      const retired = place.leases.retire(workerId);
      await place.lockWaits(1);
      await commit();
      await retired;
    });

    expect([await place.count('workers'), await place.count('leases')]).toEqual([1, 1]);
    await place.lapse(workerId);
    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(1);
  });

  it('of each of many dead workers is ended by one sweep', async () => {
    const workers = [workerId, await place.worker(), await place.worker()];
    await place.waiting(storeId, webhookId, 6);
    for (const worker of workers) {
      await place.claim(webhookId, worker, 2);
      await place.lapse(worker);
    }

    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(6);

    expect([await place.count('workers'), await place.count('leases')]).toEqual([0, 0]);
    expect(await place.claim(webhookId, await place.worker(), 10)).toHaveLength(6);
  });

  it('is found by the next sweep when this one comes in the middle of it', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.lapse(workerId);

    const freed = await place.beside(newLease(workerId, id!), async (commit) => {
      const during = await place.sweeps.releaseLapsedWorkers(0);
      await commit();
      return [during, await place.sweeps.releaseLapsedWorkers(0)];
    });

    expect(freed).toEqual([0, 1]);
    expect(await place.deliveries(webhookId)).toMatchObject([{ waiting: true, lease_id: null }]);
  });

  it('is never lost to a sweep, however the two meet', async () => {
    for (let round = 0; round < 10; round += 1) {
      workerId = await place.worker();
      const ids = await place.waiting(storeId, webhookId, 40);
      const claims = async (): Promise<void> => {
        for (const _id of ids) await place.claim(webhookId, workerId, 1);
      };
      const dies = async (): Promise<void> => {
        await place.lapse(workerId);
        await place.sweeps.releaseLapsedWorkers(0);
      };
      await Promise.allSettled([dies(), claims()]);
    }

    const [lost] = await place.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM deliveries d
       WHERE NOT d.waiting AND NOT EXISTS (SELECT FROM leases l WHERE l.id = d.lease_id AND d.id = ANY (l.delivery_ids))`,
    );
    expect(lost?.count).toBe(0);
  });
});

describe('two commits of events', () => {
  it('with one idempotency key at the same moment accept it once, and answer both with the same events', async () => {
    const submission = () => ({
      storeId,
      fence: null,
      person: null,
      idempotency: { key: 'order-1', bodyHash: Buffer.from('body') },
      events: [
        {
          id: mintId('event', Date.now()),
          type: 'order.create' as const,
          timestamp: '2026-01-01T00:00:00.000Z',
          data: '{}',
        },
      ],
    });
    const commit = () =>
      place.events.commit([submission()], new Map([['order.create', mintId('batch', Date.now())]]), false);

    const outcomes = (await Promise.all([commit(), commit(), commit()])).flat();

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['accepted', 'replayed', 'replayed']);
    const eventIds = outcomes.map((outcome) => ('events' in outcome ? outcome.events[0]?.id : null));
    expect(new Set(eventIds).size).toBe(1);
    expect(await place.count('outbox')).toBe(1);
  });
});
