import { ApiKeyPermits, PgEventLog, PgSweepLedger, SqlClient, type SqlRunner } from '@signpost/database';
import {
  type KeyFence,
  LapsedWorkerError,
  type LeasedDelivery,
  type NextState,
  type Settlement,
} from '@signpost/delivery';
import { idLowerBound, type LeaseId, mintId, type StoreId, type WebhookId, type WorkerId } from '@signpost/domain';
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

const claim = (limit: number): Promise<readonly LeasedDelivery[]> => place.claim(webhookId, workerId, limit);

/** Records that these were delivered, or failed for now, and ends their leases. */
async function record(deliveries: readonly LeasedDelivery[], next: Settlement['next'] = DELIVERED) {
  const leases = [...new Set(deliveries.map(({ leaseId }) => leaseId))];
  return place.results.record(
    deliveries.map((delivery) => settlementOf(delivery, next)),
    leases,
    false,
  );
}

describe('the fan-out ledger', () => {
  it('leases what goes to this worker, leaves the rest due, and is done with the batch', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 4);
    const fates = ['leased', 'due', 'held', 'canceled'] as const;
    const batch = await place.fanOuts.openBatch(batchId, 500);

    const committed = await place.fanOuts.commitStep({
      batchId,
      from: { position: 0, afterWebhook: null },
      next: null,
      deliveries: fates.map((fate, index) => newDelivery(storeId, eventIds[index]!, webhookId, fate)),
      lease: leaseOf(workerId),
      gates: [{ webhookId, delayMs: 5_000 }],
      apart: [],
      accepted: [],
    });

    expect(batch?.events.map((event) => event?.id)).toEqual(eventIds);
    expect(batch?.storeVersions.get(storeId)).toEqual(expect.any(String));
    expect(committed).toEqual({ wakes: [{ webhookId, delayMs: expect.any(Number) }], shut: [] });
    expect((await place.deliveries(webhookId)).map(({ status, waiting }) => `${status} ${waiting}`).sort()).toEqual([
      'canceled false',
      'held true',
      'queued false',
      'queued true',
    ]);
    expect((await place.gate(webhookId)).due_in_ms).toBeGreaterThan(4_000);
    expect(await place.fanOuts.openBatch(batchId, 500)).toBeNull();
    expect(await place.count('leases')).toBe(1);
  });

  it('sets events apart as a batch of their own with the step that goes past them, once', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 4);
    const [apart, another] = [eventIds[1]!, eventIds[3]!].map((eventId) => ({
      batchId: mintId('batch', Date.now()),
      eventId,
    }));
    const step = {
      batchId,
      from: { position: 0, afterWebhook: null },
      next: null,
      deliveries: [eventIds[0]!, eventIds[2]!].map((eventId) => newDelivery(storeId, eventId, webhookId, 'leased')),
      apart: [apart!, another!],
      lease: leaseOf(workerId),
      gates: [],
      accepted: [],
    };

    expect(await place.fanOuts.commitStep(step)).toEqual({ wakes: [], shut: [] });
    expect(await place.fanOuts.commitStep({ ...step, lease: leaseOf(workerId) })).toBeNull();

    expect(await place.fanOuts.openBatch(batchId, 500)).toBeNull();
    for (const { batchId: id, eventId } of [apart!, another!]) {
      const batch = await place.fanOuts.openBatch(id, 500);
      expect(batch).toMatchObject({ eventType: 'order.create', bulk: true, position: 0, more: false });
      expect(batch?.events.map((event) => event?.id)).toEqual([eventId]);
      const [row] = await place.query<{ batch_id: string }>('SELECT batch_id FROM events WHERE id = $1', [eventId]);
      expect(row?.batch_id).toBe(id);
    }
    expect(await place.count('outbox')).toBe(2);
    expect(await place.count('deliveries')).toBe(2);
  });

  it('reads a batch in parts, and knows of events that are gone', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 5);
    await place.query('DELETE FROM events WHERE id = $1', [eventIds[1]]);
    await place.query('UPDATE outbox SET position = 1, after_webhook = $2 WHERE batch_id = $1', [batchId, webhookId]);

    const part = await place.fanOuts.openBatch(batchId, 2);
    const rest = await place.fanOuts.openBatch(batchId, 500);

    expect(part).toMatchObject({ position: 1, afterWebhook: webhookId, more: true });
    expect(part?.events.map((event) => event?.id ?? null)).toEqual([null, eventIds[2]]);
    expect(rest?.events).toHaveLength(4);
    expect(rest?.more).toBe(false);
  });

  it('reads about a megabyte of a batch at a time, and an event that is larger alone', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 9);
    await place.query(`UPDATE events SET data = to_jsonb(repeat('x', $2))::text WHERE id = ANY ($1)`, [
      eventIds,
      250_000,
    ]);
    await place.query(`UPDATE events SET data = to_jsonb(repeat('x', $2))::text WHERE id = $1`, [
      eventIds[5],
      1_500_000,
    ]);
    const read: number[] = [];
    for (let position = 0; position < 9; position += read.at(-1) ?? 9) {
      await place.query('UPDATE outbox SET position = $2 WHERE batch_id = $1', [batchId, position]);
      const part = await place.fanOuts.openBatch(batchId, 500);
      read.push(part!.events.length);
      expect(part!.more).toBe(position + part!.events.length < 9);
    }
    expect(read).toEqual([5, 1, 3]);
  });

  it('writes nothing for a worker whose lease has lapsed, and says so', async () => {
    const { batchId, eventIds } = await place.batch(storeId, 1);
    const stranger = mintId('worker', Date.now());

    const step = place.fanOuts.commitStep({
      batchId,
      from: { position: 0, afterWebhook: null },
      next: null,
      deliveries: [newDelivery(storeId, eventIds[0]!, webhookId, 'leased')],
      lease: leaseOf(stranger),
      gates: [],
      apart: [],
      accepted: [],
    });

    await expect(step).rejects.toEqual(new LapsedWorkerError(stranger));
    expect(await place.count('outbox')).toBe(1);
    expect(await place.count('deliveries')).toBe(0);
  });
});

describe('a claim', () => {
  it('takes no more than a megabyte or so at a time, and says that more is due', async () => {
    await place.waiting(storeId, webhookId, 7);
    await place.query(`UPDATE events SET data = to_jsonb(repeat('x', $1))::text`, [250_000]);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 10);
    const second = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect([first.deliveries.length, second.deliveries.length]).toEqual([5, 2]);
    expect([first.moreDue, second.moreDue]).toEqual([true, false]);
    expect(await place.count('leases')).toBe(2);
  });

  it('takes the oldest that are due, up to the limit, and says that more are', async () => {
    const ids = await place.waiting(storeId, webhookId, 5);
    await place.query(`UPDATE deliveries SET due_at = now() - interval '1 hour' WHERE id = $1`, [ids[4]]);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 2);
    const gate = await place.gate(webhookId);
    const second = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect(first.deliveries.map(({ id }) => id)).toContain(ids[4]);
    expect(first).toMatchObject({ moreDue: true, wakes: [] });
    // The claimer comes back by itself; should it not, the sweep looks.
    expect(gate.due_in_ms).toBeGreaterThan(1_000);
    expect(second.deliveries).toHaveLength(3);
    expect(second.moreDue).toBe(false);
    expect((await place.gate(webhookId)).due_in_ms).toBeNull();
  });

  it('moves the gate to when the next is due, with a wake for it', async () => {
    const [, later] = await place.waiting(storeId, webhookId, 2);
    await place.query(`UPDATE deliveries SET due_at = now() + interval '1 minute' WHERE id = $1`, [later]);

    const claimed = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect(claimed.deliveries).toHaveLength(1);
    expect(claimed.moreDue).toBe(false);
    expect(claimed.wakes).toEqual([{ webhookId, delayMs: expect.any(Number) }]);
    expect((await place.gate(webhookId)).due_in_ms).toBeGreaterThan(50_000);
  });

  it('rests a moment when all that is due is locked, and does not ask again at once', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);

    const claimed = await place.beside([['SELECT FROM deliveries WHERE id = $1 FOR UPDATE', [id]]], () =>
      place.claims.claim(webhookId, leaseOf(workerId), 10),
    );

    expect(claimed).toMatchObject({ deliveries: [], moreDue: false });
    expect(claimed.wakes[0]?.delayMs).toBeGreaterThan(100);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThan(1_000);
  });

  it('keeps to the rate of its webhook: what was saved up goes, the rest waits for its permits', async () => {
    webhookId = await place.webhook(storeId, { rateLimit: 20 });
    await place.waiting(storeId, webhookId, 30);
    await place.query(`UPDATE gates SET permits_at = now() - interval '1 hour' WHERE webhook_id = $1`, [webhookId]);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 30);
    const second = await place.claims.claim(webhookId, leaseOf(workerId), 30);

    expect(first.deliveries).toHaveLength(9);
    expect(first.moreDue).toBe(false);
    expect(first.wakes[0]?.delayMs).toBeGreaterThan(0);
    expect(second.deliveries.length).toBeLessThan(9);
  });

  it('does not count the same moment twice towards a rate when a claim that began earlier comes later', async () => {
    webhookId = await place.webhook(storeId, { rateLimit: 20 });
    await place.waiting(storeId, webhookId, 1);
    const later = `UPDATE gates SET permits = 0, permits_at = now() + interval '4 seconds' WHERE webhook_id = $1`;
    await place.query(later, [webhookId]);
    const permitsAt = () => place.query('SELECT permits_at FROM gates WHERE webhook_id = $1', [webhookId]);
    const before = await permitsAt();

    await claim(1);

    expect(await permitsAt()).toEqual(before);
  });

  it('gathers permits again when the clock of PostgreSQL was set back, and not only when it has caught up', async () => {
    webhookId = await place.webhook(storeId, { rateLimit: 20 });
    await place.waiting(storeId, webhookId, 1);
    const gateAt = (sql: string) =>
      place.query(`UPDATE gates SET permits_at = ${sql} WHERE webhook_id = $1`, [webhookId]);
    await gateAt(`now() + interval '1 hour', permits = 0`);

    expect(await claim(1)).toEqual([]);
    await gateAt(`permits_at - interval '1 second'`);

    expect(await claim(1)).toHaveLength(1);
  });

  it('leases under a worker that stands, or takes nothing', async () => {
    await place.waiting(storeId, webhookId, 1);
    const stranger = mintId('worker', Date.now());

    await expect(place.claims.claim(webhookId, leaseOf(stranger), 10)).rejects.toEqual(new LapsedWorkerError(stranger));

    expect(await claim(10)).toHaveLength(1);
  });

  it.each([
    ['canceled', { enabled: false }, 'webhook_disabled', false],
    ['held', { keyActive: false }, null, true],
  ] as const)('sets aside what may not go as %s, in bounded steps', async (status, traits, errorCode, waiting) => {
    webhookId = await place.webhook(storeId, traits);
    await place.waiting(storeId, webhookId, 1_200);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 10);
    const afterFirst = (await place.deliveries(webhookId)).filter((delivery) => delivery.status === status);
    const gate = await place.gate(webhookId);
    const second = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect(first).toMatchObject({ deliveries: [], wakes: [{ webhookId, delayMs: 0 }] });
    expect(afterFirst).toHaveLength(1_000);
    expect(gate.due_in_ms).toBeLessThan(0);
    expect(second).toMatchObject({ deliveries: [], wakes: [] });
    const all = await place.deliveries(webhookId);
    expect(all.every((delivery) => delivery.status === status && delivery.waiting === waiting)).toBe(true);
    expect(all.every((delivery) => delivery.last_error_code === errorCode)).toBe(true);
    expect((await place.gate(webhookId)).due_in_ms).toBeNull();
  });

  it.each([
    ['disabled', { enabled: false }],
    ['without an active key', { keyActive: false }],
  ])(
    'leaves delivered what was, and waits for one more attempt that a person asked for, when the webhook is %s',
    async (_name, traits) => {
      webhookId = await place.webhook(storeId, traits);
      await deliveredAndAskedForAgain();

      expect(await claim(10)).toEqual([]);

      expect(await place.deliveries(webhookId)).toMatchObject([
        { status: 'delivered', waiting: false, last_error_code: null },
      ]);
      expect((await place.gate(webhookId)).due_in_ms).toBeNull();
    },
  );

  it('hands out also what it leased of an event that is gone, so that nothing stays leased unseen', async () => {
    await place.waiting(storeId, webhookId, 2);
    await place.query('DELETE FROM events WHERE store_id = $1', [storeId]);

    expect(await claim(10)).toMatchObject(Array(2).fill({ storeId, event: { type: 'order.create', data: null } }));
  });

  it('lets go what was held as soon as a key is active', async () => {
    webhookId = await place.webhook(storeId, { keyActive: false });
    await place.waiting(storeId, webhookId, 3);
    await claim(10);
    await place.query('UPDATE api_keys SET activated = true WHERE store_id = $1', [storeId]);

    const claimed = await claim(10);

    expect(claimed).toHaveLength(3);
    expect((await place.deliveries(webhookId)).map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
  });

  it('lets go, in bounded steps, also what was held and is not due, which keeps its time', async () => {
    webhookId = await place.webhook(storeId, { keyActive: false });
    await place.waiting(storeId, webhookId, 1_200);
    await place.query(
      `UPDATE deliveries SET status = 'retrying', attempts_made = 2, due_at = now() + interval '1 hour' WHERE webhook_id = $1`,
      [webhookId],
    );
    while ((await place.claims.claim(webhookId, leaseOf(workerId), 10)).wakes.length > 0);
    const held = (await place.deliveries(webhookId)).filter(({ status }) => status === 'held');
    await place.query('UPDATE api_keys SET activated = true WHERE store_id = $1', [storeId]);
    await place.query('UPDATE gates SET due_at = now() WHERE webhook_id = $1', [webhookId]);

    const first = await place.claims.claim(webhookId, leaseOf(workerId), 10);
    const afterFirst = (await place.deliveries(webhookId)).filter(({ status }) => status === 'retrying');
    const gate = await place.gate(webhookId);
    const second = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect(held).toHaveLength(1_200);
    expect(first).toMatchObject({ deliveries: [], wakes: [{ webhookId, delayMs: 0 }] });
    expect(afterFirst).toHaveLength(1_000);
    expect(gate.due_in_ms).toBeLessThanOrEqual(0);
    expect(second).toMatchObject({ deliveries: [], wakes: [{ webhookId }] });
    const all = await place.deliveries(webhookId);
    expect(all.every(({ status, waiting, due_in_ms: ms }) => status === 'retrying' && waiting && ms > 3_000_000)).toBe(
      true,
    );
    expect((await place.gate(webhookId)).due_in_ms).toBeGreaterThan(3_000_000);
  });
});

describe('the claim of one delivery', () => {
  const claimOne = (id: LeasedDelivery['id']) => place.claims.claimOne(id, leaseOf(workerId));

  it('takes one that a person retries, once', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.query(`UPDATE deliveries SET trigger = 'manual' WHERE id = $1`, [id]);

    expect((await claimOne(id!))?.deliveries).toMatchObject([{ id, trigger: 'manual', probe: false }]);
    expect(await claimOne(id!)).toBeNull();
  });

  it('leaves one alone that waits for its schedule: the job of a manual retry may run twice', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);

    expect(await claimOne(id!)).toBeNull();
  });

  it('takes a held one out of its hold, so that it is found again should the worker die', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1, { status: 'held' });
    await place.query(`UPDATE deliveries SET trigger = 'manual' WHERE id = $1`, [id]);
    expect(await claimOne(id!)).not.toBeNull();

    await place.lapse(workerId);
    await place.sweeps.releaseLapsedWorkers(0);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'queued', waiting: true }]);
  });
});

/** A delivery that was delivered, and waits for one more attempt. */
async function deliveredAndAskedForAgain(): Promise<void> {
  await place.waiting(storeId, webhookId, 1);
  await place.query(`UPDATE deliveries SET trigger = 'manual', delivered_at = now() WHERE webhook_id = $1`, [
    webhookId,
  ]);
}

describe('a record', () => {
  it('settles deliveries, logs attempts, and ends the lease', async () => {
    await place.waiting(storeId, webhookId, 3);
    const claimed = await claim(10);

    const outcome = await record(claimed);

    expect(outcome).toEqual({ wakes: [], opened: [], disabled: [] });
    expect(await place.deliveries(webhookId)).toMatchObject(
      Array(3).fill({ status: 'delivered', waiting: false, lease_id: null, attempts_made: 1 }),
    );
    expect(await place.count('attempts')).toBe(3);
    expect(await place.count('leases')).toBe(0);
  });

  it('leaves a failed delivery due at its time, with a gate and a wake for it', async () => {
    await place.waiting(storeId, webhookId, 1);

    const { wakes } = await record(await claim(10), RETRIED);

    expect(wakes).toEqual([{ webhookId, delayMs: expect.any(Number) }]);
    const [delivery] = await place.deliveries(webhookId);
    expect(delivery).toMatchObject({ status: 'retrying', waiting: true, attempts_made: 1 });
    const gate = await place.gate(webhookId);
    expect(gate.failures).toBe(1);
    expect(gate.due_in_ms).toBeGreaterThanOrEqual(delivery?.due_in_ms ?? Infinity);
    expect(gate.due_in_ms).toBeLessThan((delivery?.due_in_ms ?? 0) + 1_000);
  });

  it('writes an attempt once, whatever becomes of the answer', async () => {
    await place.waiting(storeId, webhookId, 2);
    const settlements = (await claim(10)).map((delivery) => settlementOf(delivery, RETRIED));

    await place.results.record(settlements, [], false);
    await place.results.record(settlements, [], true);

    expect(await place.count('attempts')).toBe(2);
    expect((await place.gate(webhookId)).failures).toBe(2);
    expect(await place.deliveries(webhookId)).toMatchObject([{ attempts_made: 1 }, { attempts_made: 1 }]);
  });

  it('counts an attempt once, also when a try that was given up is carried out after its repetition', async () => {
    await place.waiting(storeId, webhookId, 2);
    const settlements = (await claim(10)).map((delivery) => settlementOf(delivery, DELIVERED));

    await place.results.record(settlements, [], true);
    await place.results.record(settlements, [], false);

    const counts = await place.query(
      `SELECT s.attempts, s.delivered, o.attempts AS outcomes, (SELECT count(*)::int FROM attempts) AS logged
       FROM webhook_stats s JOIN attempt_outcomes o USING (webhook_id) WHERE webhook_id = $1`,
      [webhookId],
    );
    expect(counts).toEqual([{ attempts: 2, delivered: 2, outcomes: 2, logged: 2 }]);
  });

  it('is made when it is repeated and had not been made', async () => {
    await place.waiting(storeId, webhookId, 1);
    const settlements = (await claim(10)).map((delivery) => settlementOf(delivery, DELIVERED));

    await place.results.record(settlements, [], true);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'delivered' }]);
  });

  it.each([
    ['delivered it, which counts', DELIVERED, { status: 'delivered', waiting: false }],
    ['failed, which changes nothing', RETRIED, { status: 'queued', waiting: true, attempts_made: 0 }],
  ] as const)('after the lease has lapsed: the attempt %s', async (_name, next, expected) => {
    await place.waiting(storeId, webhookId, 1);
    const claimed = await claim(10);
    await place.lapse(workerId);
    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(1);

    await record(claimed, next);

    expect(await place.deliveries(webhookId)).toMatchObject([expected]);
    expect(await place.count('attempts')).toBe(1);
  });

  it('is to be repeated when the disk of PostgreSQL fails, and is then made', async () => {
    await place.waiting(storeId, webhookId, 1);
    const claimed = await claim(1);
    await place.query(`
      CREATE FUNCTION fail_to_write() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not write block 7: Input/output error' USING ERRCODE = 'io_error'; END $$;
      CREATE TRIGGER fail_to_write BEFORE INSERT ON attempts FOR EACH STATEMENT EXECUTE FUNCTION fail_to_write()`);

    await expect(record(claimed)).rejects.toMatchObject({ code: 'unavailable' });

    await place.query('DROP FUNCTION fail_to_write CASCADE');
    await record(claimed);
    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'delivered' }]);
  });

  it('of a late success takes the delivery away from whoever owns it, whose own result then changes nothing', async () => {
    await place.waiting(storeId, webhookId, 1);
    const late = await claim(10);
    await place.lapse(workerId);
    await place.sweeps.releaseLapsedWorkers(0);
    workerId = await place.worker();
    const second = await claim(10);

    await record(late);
    await record(second, RETRIED);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'delivered', waiting: false }]);
  });

  it.each<NextState>([
    { kind: 'resume', errorCode: 'http_error' },
    { kind: 'failed', errorCode: 'http_error', disableWebhook: true },
    { kind: 'canceled', errorCode: 'webhook_disabled' },
    { kind: 'held' },
  ])('leaves delivered what was, whatever comes of one more attempt that a person asked for: $kind', async (next) => {
    await deliveredAndAskedForAgain();

    await record(await claim(10), next);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'delivered', waiting: false, lease_id: null }]);
  });

  it('never makes a test wait, also when its key has just been deactivated', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.query(`UPDATE deliveries SET trigger = 'test', waiting = false WHERE id = $1`, [id]);
    const test = await place.claims.claimOne(id!, leaseOf(workerId));

    await place.results.record([{ delivery: test!.deliveries[0]!, attempt: null, next: { kind: 'held' } }], [], false);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'canceled', waiting: false }]);
  });

  it('counts by the hour in UTC, whatever the time zone of the database', async () => {
    const there = await LedgerPlace.open(undefined, { timeZone: 'Asia/Kolkata' });
    try {
      const store = await there.store();
      const webhook = await there.webhook(store);
      await there.waiting(store, webhook, 1);
      const [delivery] = await there.claim(webhook, await there.worker(), 1);
      await there.results.record([settlementOf(delivery!, DELIVERED)], [delivery!.leaseId], false);

      const minutes = await there.query(
        `SELECT extract(minute FROM hour AT TIME ZONE 'UTC')::int AS minute FROM webhook_stats
         UNION ALL SELECT extract(minute FROM hour AT TIME ZONE 'UTC')::int FROM attempt_outcomes`,
      );
      expect(minutes).toEqual([{ minute: 0 }, { minute: 0 }]);
    } finally {
      await there.close();
    }
  });
});

describe('the circuit breaker of a webhook', () => {
  const failTimes = async (times: number, by = workerId) => {
    await place.waiting(storeId, webhookId, times);
    return record(await place.claim(webhookId, by, times), RETRIED);
  };

  it('opens at the threshold; nothing goes while it is open, and the gate waits for its end', async () => {
    const { opened } = await failTimes(10);
    await place.waiting(storeId, webhookId, 1);

    const claimed = await place.claims.claim(webhookId, leaseOf(workerId), 10);

    expect(opened).toEqual([{ webhookId, openForMs: expect.any(Number) }]);
    expect(claimed).toMatchObject({ deliveries: [], moreDue: false });
    const gate = await place.gate(webhookId);
    expect(gate.due_in_ms).toBeGreaterThanOrEqual((gate.open_for_ms ?? Infinity) - 1);
    expect(claimed.wakes[0]?.delayMs).toBeGreaterThan(1_000);
  });

  const endOpening = () =>
    place.query(`UPDATE gates SET open_until = now() - interval '1 millisecond' WHERE webhook_id = $1`, [webhookId]);

  it('lets one probe through at a time', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 3);
    await endOpening();

    const probe = await claim(10);
    const beside = await claim(10);

    expect(probe).toMatchObject([{ probe: true }]);
    expect(beside).toEqual([]);
  });

  it('closes with a probe that delivers, and makes what waits due at once', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 3);
    await endOpening();

    const { wakes } = await record(await claim(10));

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    expect(await place.gate(webhookId)).toMatchObject({ failures: 0, openings: 0, open_for_ms: null });
    expect(await claim(10)).toHaveLength(2);
  });

  it('stays open twice as long after a probe that fails', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 3);
    await endOpening();

    const { opened } = await record(await claim(10), RETRIED);

    expect(opened[0]?.openForMs).toBeGreaterThan(9_000);
    expect(opened[0]?.openForMs).toBeLessThanOrEqual(10_000);
    expect(await place.gate(webhookId)).toMatchObject({ failures: 11, openings: 2 });
    expect(await claim(10)).toEqual([]);
  });

  it('stays open when a worker dies with what it had begun before the breaker opened', async () => {
    await place.waiting(storeId, webhookId, 1);
    await claim(10);
    await failTimes(10, await place.worker());
    await place.lapse(workerId);
    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(1);
    workerId = await place.worker();

    expect((await place.gate(webhookId)).open_for_ms).toBeGreaterThan(1_000);
    expect(await claim(10)).toEqual([]);
  });

  it('stays open when a worker dies with a retry by hand of the probe that failed', async () => {
    await failTimes(10);
    await place.query('TRUNCATE deliveries');
    const [id] = await place.waiting(storeId, webhookId, 1);
    await endOpening();
    await record(await claim(10), RETRIED);
    await place.query(`UPDATE deliveries SET trigger = 'manual', due_at = now() WHERE id = $1`, [id]);
    expect(await place.claims.claimOne(id!, leaseOf(workerId))).not.toBeNull();
    await place.lapse(workerId);
    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(1);

    expect((await place.gate(webhookId)).open_for_ms).toBeGreaterThan(1_000);
  });

  it('lets another probe through, at once, when the worker of the first one died', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 1);
    await endOpening();
    await claim(10);
    await place.lapse(workerId);
    await place.sweeps.releaseLapsedWorkers(0);
    workerId = await place.worker();

    expect(await claim(10)).toMatchObject([{ probe: true }]);
  });

  it('lets another probe through, at once, when the first one was given back unsent', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 2);
    await endOpening();
    const probe = await claim(10);

    const wakes = await place.results.release(probe, [{ webhookId, delayMs: 0 }], [probe[0]!.leaseId]);

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    expect(await claim(10)).toMatchObject([{ probe: true }]);
  });

  it('keeps others out while a probe is under way, whatever else is given back', async () => {
    await place.waiting(storeId, webhookId, 1);
    const before = await claim(1);
    await failTimes(10);
    await place.waiting(storeId, webhookId, 1);
    await endOpening();
    await claim(10);

    await place.results.release(before, [{ webhookId, delayMs: 0 }], []);

    expect(await claim(10)).toEqual([]);
  });

  it('lets another probe through, at once, when the first one was settled without an attempt', async () => {
    await failTimes(10);
    await place.waiting(storeId, webhookId, 2);
    await endOpening();
    const [probe] = await claim(10);

    const { wakes } = await place.results.record(
      [
        {
          delivery: probe!,
          attempt: null,
          next: { kind: 'failed', errorCode: 'payload_expired', disableWebhook: false },
        },
      ],
      [probe!.leaseId],
      false,
    );

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    expect(await claim(10)).toMatchObject([{ probe: true }]);
  });

  it('disables the webhook that answers 410, and has what waits looked at now', async () => {
    await place.waiting(storeId, webhookId, 2);

    const outcome = await record(await claim(1), { kind: 'failed', errorCode: 'http_error', disableWebhook: true });

    expect(outcome).toMatchObject({ disabled: [webhookId], wakes: [{ webhookId, delayMs: 0 }] });
    expect(await claim(10)).toEqual([]);
    expect((await place.deliveries(webhookId)).map(({ status }) => status).sort()).toEqual(['canceled', 'failed']);
  });

  it('leaves a webhook enabled whose address was corrected while the old one answered 410', async () => {
    await place.waiting(storeId, webhookId, 2);
    const claimed = await claim(1);
    await place.query(`UPDATE webhooks SET url = 'http://127.0.0.1:9/new' WHERE id = $1`, [webhookId]);

    const outcome = await record(claimed, { kind: 'failed', errorCode: 'http_error', disableWebhook: true });

    expect(outcome.disabled).toEqual([]);
    expect(await claim(10)).toHaveLength(1);
  });

  it('lets what nobody can sign for rest, though its gate lets it through, so that it is not claimed at once again', async () => {
    await place.waiting(storeId, webhookId, 2);

    const { wakes } = await record(await claim(10), { kind: 'held' });

    expect(wakes).toEqual([{ webhookId, delayMs: expect.any(Number) }]);
    expect(wakes[0]?.delayMs).toBeGreaterThan(4_000);
    expect(await place.deliveries(webhookId)).toMatchObject(Array(2).fill({ status: 'held', waiting: true }));
    expect(await claim(10)).toEqual([]);
  });

  it('keeps the planned time of a delivery that is held when it is retried by hand', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.query(`UPDATE deliveries SET trigger = 'manual', resume_at = now() + interval '1 hour' WHERE id = $1`, [
      id,
    ]);
    const byHand = await place.claims.claimOne(id!, leaseOf(workerId));

    await record(byHand!.deliveries, { kind: 'held' });

    const held = await place.query(
      `SELECT status, waiting, due_at > now() + interval '59 minutes' AS "asPlanned" FROM deliveries WHERE id = $1`,
      [id],
    );
    expect(held).toEqual([{ status: 'held', waiting: true, asPlanned: true }]);
  });

  it.each<NextState>([
    { kind: 'resume', errorCode: 'http_error' },
    { kind: 'failed', errorCode: 'http_error', disableWebhook: true },
  ])('counts a delivery as failed once, however it is retried by hand ($kind)', async (next) => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await record(await claim(1), { kind: 'failed', errorCode: 'http_error', disableWebhook: false });
    await place.query(`UPDATE deliveries SET trigger = 'manual', waiting = true, due_at = now() WHERE id = $1`, [id]);
    const byHand = await place.claims.claimOne(id!, leaseOf(workerId));

    await record(byHand!.deliveries, next);

    const stats = await place.query(
      'SELECT attempts, failed_attempts, failed FROM webhook_stats WHERE webhook_id = $1',
      [webhookId],
    );
    expect(stats).toMatchObject([{ attempts: 2, failed_attempts: 2, failed: 1 }]);
  });

  it('counts a delivery as failed also when it is an attempt by hand that ends its schedule', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.query(`UPDATE deliveries SET trigger = 'manual', resume_at = now() WHERE id = $1`, [id]);
    const byHand = await place.claims.claimOne(id!, leaseOf(workerId));

    await record(byHand!.deliveries, { kind: 'failed', errorCode: 'http_error', disableWebhook: true });

    const stats = await place.query('SELECT failed FROM webhook_stats WHERE webhook_id = $1', [webhookId]);
    expect(stats).toEqual([{ failed: 1 }]);
  });
});

describe('a release', () => {
  it('makes deliveries due again under no lease, in their old place, and moves the gate', async () => {
    await place.waiting(storeId, webhookId, 2);
    const claimed = await claim(10);

    const wakes = await place.results.release(claimed, [{ webhookId, delayMs: 0 }], [claimed[0]!.leaseId]);

    expect(wakes).toEqual([{ webhookId, delayMs: 0 }]);
    const released = await place.deliveries(webhookId);
    expect(released).toMatchObject(Array(2).fill({ status: 'queued', waiting: true, lease_id: null }));
    expect(released.every(({ due_in_ms }) => due_in_ms < -500)).toBe(true);
    expect(await place.count('leases')).toBe(0);
  });

  it('leaves alone what others have by now, and what was settled', async () => {
    await place.waiting(storeId, webhookId, 2);
    const [lost, delivered] = await claim(10);
    await place.query('UPDATE deliveries SET lease_id = $2 WHERE id = $1', [lost!.id, mintId('lease', Date.now())]);
    await place.results.record([settlementOf(delivered!, DELIVERED)], [], false);

    await place.results.release([lost!, delivered!], [], []);

    const states = await place.deliveries(webhookId);
    expect(states.filter(({ waiting }) => waiting)).toEqual([]);
  });

  it('ends a test, for nobody waits for it any more', async () => {
    const [id] = await place.waiting(storeId, webhookId, 1);
    await place.query(`UPDATE deliveries SET trigger = 'test', waiting = false WHERE id = $1`, [id]);
    const test = await place.claims.claimOne(id!, leaseOf(workerId));

    await place.results.release(test!.deliveries, [], []);

    expect(await place.deliveries(webhookId)).toMatchObject([{ status: 'canceled', waiting: false }]);
  });

  it('never moves a gate back', async () => {
    await place.waiting(storeId, webhookId, 1);
    const claimed = await claim(1);
    await place.query('UPDATE gates SET due_at = now() WHERE webhook_id = $1', [webhookId]);

    const wakes = await place.results.release(claimed, [{ webhookId, delayMs: 60_000 }], []);

    expect(wakes).toEqual([]);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
  });
});

describe('leases', () => {
  const anyAge = idLowerBound(Date.now() + 3_600_000) as LeaseId;

  it('that their worker does not know of are let go, and only those', async () => {
    await place.waiting(storeId, webhookId, 2);
    const [known] = await claim(1);
    await claim(1);

    const freed = await place.leases.freeForgotten(workerId, [known!.leaseId], anyAge);

    expect(freed).toBe(1);
    expect((await place.deliveries(webhookId)).filter(({ waiting }) => waiting)).toHaveLength(1);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
    expect(await place.count('leases')).toBe(1);
  });

  it('younger than the given one are left alone: their statement may still be under way', async () => {
    await place.waiting(storeId, webhookId, 1);
    await claim(1);

    expect(await place.leases.freeForgotten(workerId, [], idLowerBound(0) as LeaseId)).toBe(0);
  });

  it('of a worker that lapsed are taken with its row, and its heartbeat says so', async () => {
    await place.waiting(storeId, webhookId, 2);
    await claim(1);
    await place.lapse(workerId);

    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(1);

    expect((await place.deliveries(webhookId)).every(({ waiting }) => waiting)).toBe(true);
    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
    expect(await place.leases.heartbeat(workerId, 1_000)).toMatchObject({ standing: false });
    expect(await place.count('leases')).toBe(0);
  });

  it('of a worker that comes late, before the sweep, are its own again', async () => {
    await place.waiting(storeId, webhookId, 1);
    await claim(1);
    await place.lapse(workerId);

    expect(await place.leases.heartbeat(workerId, 60_000)).toMatchObject({ standing: true });

    expect(await place.sweeps.releaseLapsedWorkers(0)).toBe(0);
    expect((await place.deliveries(webhookId))[0]).toMatchObject({ waiting: false });
  });

  describe('that lapsed', () => {
    const HEARD_MS = 3_000;
    let passedMs: number;
    let setForwardMs: number;
    let sweeps: PgSweepLedger;

    /** Whether a sweep ends a worker whose lease lapses now. */
    async function ends(): Promise<boolean> {
      await place.lapse(await place.worker());
      await sweeps.releaseLapsedWorkers(10_000);
      return (await place.count('workers')) === 0;
    }

    beforeAll(async () => {
      await place.query('CREATE SCHEMA told');
      await place.query(
        `CREATE FUNCTION told.pg_postmaster_start_time() RETURNS timestamptz LANGUAGE sql
         AS $$ SELECT now() + current_setting('told.start')::interval $$`,
      );
    });
    beforeEach(async () => {
      await place.query('DELETE FROM workers');
      [passedMs, setForwardMs] = [0, 0];
    });

    /** A sweep that is told when PostgreSQL was started, and that has looked before. */
    async function sweepsSince(start: string): Promise<void> {
      const sql = new SqlClient(place.dataSource);
      const told = `SELECT set_config('search_path', 'told, pg_catalog, public', true), set_config('told.start', '${start}', true)`;
      jest.spyOn(sql, 'transaction').mockImplementation((work) =>
        place.sql.transaction(async (runner) => {
          await runner.run({ name: `told ${start}`, text: told }, []);
          return work(runner);
        }),
      );
      sweeps = new PgSweepLedger(sql, () => performance.now() + passedMs - setForwardMs);
      await sweeps.releaseLapsedWorkers(10_000);
      passedMs += HEARD_MS;
    }

    it.each([
      [
        'are spared for the time of one lease after a restart of PostgreSQL, when no worker could be heard',
        '-5 seconds',
      ],
      ['are not spared when the restart is longer ago', '-15 seconds'],
      ['are not spared when the restart is yet to come, by a clock that has been set back since', '1 hour'],
    ])('%s', async (_, start) => {
      await sweepsSince(start);
      expect(await ends()).toBe(start !== '-5 seconds');
    });

    it('are spared for one heartbeat when the clock of PostgreSQL was set forward, and at the first look', async () => {
      await sweepsSince('-1 hour');
      expect(await ends()).toBe(true);
      setForwardMs += 10_000;
      expect(await ends()).toBe(false);
      passedMs += HEARD_MS;
      expect(await ends()).toBe(true);
    });
  });

  it('keep the row of a worker that ends without giving all of them back', async () => {
    await place.waiting(storeId, webhookId, 1);
    const claimed = await claim(1);

    await place.leases.retire(workerId);
    expect(await place.count('workers')).toBe(1);

    await record(claimed);
    await place.leases.retire(workerId);
    expect(await place.count('workers')).toBe(0);
  });
});

describe('the sweep', () => {
  it('finds batches whose fan-out never came, oldest first, and tells which are bulk', async () => {
    const old = await place.batch(storeId, 1);
    await place.query(`UPDATE outbox SET bulk = true`);
    const older = await place.batch(storeId, 1);
    await place.batch(storeId, 1);
    const age = `UPDATE outbox SET created_at = now() - $2::interval WHERE batch_id = $1`;
    await place.query(age, [old.batchId, '1 minute']);
    await place.query(age, [older.batchId, '2 minutes']);

    const found = await place.sweeps.strandedBatches(30_000, 10);

    expect(found).toEqual([
      { batchId: older.batchId, eventType: 'order.create' },
      { batchId: old.batchId, eventType: 'order.create', bulk: true, dueAtMs: expect.any(Number) },
    ]);
    expect(found[1]?.dueAtMs).toBeLessThan(Date.now() - 50_000);
    // Neither kind hides the other one.
    expect(await place.sweeps.strandedBatches(30_000, 1)).toHaveLength(2);
  });

  it('finds webhooks that have been due for long, and no others', async () => {
    const punctual = await place.webhook(storeId);
    await place.query(`UPDATE gates SET due_at = now() - interval '3 seconds' WHERE webhook_id = $1`, [webhookId]);
    await place.query(`UPDATE gates SET due_at = now() + interval '3 seconds' WHERE webhook_id = $1`, [punctual]);

    expect(await place.sweeps.overdueWebhooks(2_000, 1_000)).toContain(webhookId);
    expect(await place.sweeps.overdueWebhooks(0, 1_000)).not.toContain(punctual);
    expect(await place.sweeps.overdueWebhooks(60_000, 1_000)).not.toContain(webhookId);
  });

  it('forgets idempotency keys in bounded steps', async () => {
    await place.query(
      `INSERT INTO idempotency_keys (store_id, key, body_hash, event_ids, created_at)
       SELECT $1, n, '', '{}', now() - n * interval '1 hour' FROM generate_series(1, 5) AS n`,
      [storeId],
    );

    expect(await place.sweeps.forgetIdempotencyKeys(2.5 * 3_600_000, 2)).toBe(2);
    expect(await place.sweeps.forgetIdempotencyKeys(2.5 * 3_600_000, 2)).toBe(1);
    expect(await place.count('idempotency_keys')).toBe(2);
  });
});

describe('what a key with a rate limit may do', () => {
  it('gathers again when the clock of PostgreSQL was set back, and not only when it has caught up', async () => {
    const [permits, id] = [new ApiKeyPermits(place.sql), await place.apiKey(storeId)];
    expect((await permits.take(id, 2, 2)).taken).toBe(2);
    await place.query(`UPDATE api_key_permits SET as_of = now() + interval '1 hour' WHERE api_key_id = $1`, [id]);

    expect((await permits.take(id, 2, 1)).taken).toBe(0);
    await place.query(`UPDATE api_key_permits SET as_of = as_of - interval '1 second' WHERE api_key_id = $1`, [id]);

    expect((await permits.take(id, 2, 1)).taken).toBe(1);
  });
});

describe('the event log', () => {
  const publish = (events: number, idempotencyKey: string | null) => ({
    storeId,
    fence: null,
    person: null,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: Buffer.from('body') },
    events: Array.from({ length: events }, () => ({
      id: mintId('event', Date.now()),
      type: 'order.create' as const,
      timestamp: '2026-01-01T00:00:00.000Z',
      data: '{}',
    })),
  });
  const batchOf = () => new Map([['order.create' as const, mintId('batch', Date.now())]]);

  it('answers a repeated submission as before, also when its events are past their retention, and accepts those beside it', async () => {
    const first = publish(2, 'order-1');
    await place.events.commit([first], batchOf(), false);
    await place.query('DELETE FROM events WHERE store_id = $1', [storeId]);

    const [replayed, accepted] = await place.events.commit([publish(2, 'order-1'), publish(1, null)], batchOf(), true);

    expect(replayed).toMatchObject({ kind: 'replayed', events: first.events.map(({ id, type }) => ({ id, type })) });
    expect(accepted).toMatchObject({ kind: 'accepted' });
    expect((await place.sweeps.strandedBatches(-60_000, 10)).map(({ bulk }) => bulk)).toEqual([undefined, true]);
  });

  it('takes a key only as it is now: of this store, in the version shown, its earlier secret in the overlap alone', async () => {
    const [own, foreign] = [await place.apiKey(storeId), await place.apiKey(await place.store())];
    /** What comes of publishing with the secret, the earlier secret, a former version of the key, and a key of another store. */
    const outcomes = async (overlapMs: number): Promise<string[]> => {
      await place.query(`UPDATE api_keys SET previous_secret_until = now() + $2::int * interval '1 ms' WHERE id = $1`, [
        own,
        overlapMs,
      ]);
      const [key] = await place.query<{ version: string }>('SELECT version FROM api_keys WHERE id = $1', [own]);
      const fence: KeyFence = { apiKeyId: own, version: key!.version, usedPreviousSecret: false };
      const others = [{ usedPreviousSecret: true }, { version: '1' }, { apiKeyId: foreign, version: '1' }];
      const submissions = [{}, ...others].map((other) => ({ ...publish(1, null), fence: { ...fence, ...other } }));
      return (await place.events.commit(submissions, batchOf(), false)).map(({ kind }) => kind);
    };
    expect(await outcomes(3_600_000)).toEqual(['accepted', 'accepted', 'stale_caller', 'stale_caller']);
    expect(await outcomes(-1)).toEqual(['accepted', 'stale_caller', 'stale_caller', 'stale_caller']);
  });

  it('accepts nothing for a store that was deleted since its publisher was let in', async () => {
    await place.query('UPDATE stores SET deleted_at = now() WHERE id = $1', [storeId]);
    const outcomes = await place.events.commit([publish(1, 'order-3')], batchOf(), false);

    expect(outcomes).toEqual([{ kind: 'store_not_found' }]);
    expect(await place.query('SELECT FROM events WHERE store_id = $1', [storeId])).toEqual([]);
  });

  it('tells of those that it kept also when it cannot find what a repeated one was answered', async () => {
    await place.events.commit([publish(1, 'order-2')], batchOf(), false);
    const failing: SqlRunner = {
      run: (statement, values) =>
        statement.name === 'find_replays' ? Promise.reject(new Error('gone')) : place.sql.run(statement, values),
    };

    const outcomes = await new PgEventLog(failing).commit([publish(1, 'order-2'), publish(1, null)], batchOf(), false);

    expect(outcomes.map(({ kind }) => kind)).toEqual(['answer_unknown', 'accepted']);
  });
});
