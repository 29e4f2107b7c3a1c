import type { StoreId, WebhookId, WorkerId } from '@signpost/domain';
import { LedgerPlace, leaseOf, newDelivery } from '../support/ledger-place';

/** What may be saved up, beside one: so much of a second's permits. */
const BURST_SECONDS = 0.4;

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

describe('claims of a webhook with a rate limit by several workers at once', () => {
  it('keep to its rate together, by the clock of PostgreSQL', async () => {
    const rateLimit = 50;
    webhookId = await place.webhook(storeId, { rateLimit });
    await place.waiting(storeId, webhookId, 400);
    const workers = await Promise.all([1, 2, 3].map(() => place.worker()));
    const [gate] = await place.query<{ since: Date }>(`SELECT permits_at AS since FROM gates WHERE webhook_id = $1`, [
      webhookId,
    ]);

    let taken = 0;
    for (let round = 0; round < 40; round += 1) {
      const claims = await Promise.all(workers.map((worker) => place.claim(webhookId, worker, 20)));
      taken += claims.flat().length;
    }

    const [clock] = await place.query<{ permitted: number }>(
      `SELECT ($1::int * extract(epoch FROM clock_timestamp() - $2::timestamptz))::float8 AS permitted`,
      [rateLimit, gate?.since],
    );
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual((clock?.permitted ?? 0) + 1 + rateLimit * BURST_SECONDS);
  });
});

describe('the open breaker of a webhook', () => {
  /** Opens it until so long from now; a time that is past lets a probe through. */
  const open = (untilMs: number) =>
    place.query(
      `UPDATE gates SET failures = 10, openings = 1, open_until = now() + $2::float8 * interval '1 millisecond' WHERE webhook_id = $1`,
      [webhookId, untilMs],
    );

  /** A fan-out of a worker that knows nothing of the breaker, and has room for everything. */
  async function fanOut(worker: WorkerId, count: number) {
    const { batchId, eventIds } = await place.batch(storeId, count);
    const from = { position: 0, afterWebhook: null };
    const deliveries = eventIds.map((eventId) => newDelivery(storeId, eventId, webhookId, 'leased'));
    const step = {
      batchId,
      from,
      next: null,
      deliveries,
      lease: leaseOf(worker),
      gates: [],
      apart: [],
      accepted: [],
    };
    return place.fanOuts.commitStep(step);
  }

  const leased = async () => (await place.deliveries(webhookId)).filter(({ lease_id }) => lease_id !== null);

  it('lets one probe through, however many workers claim and fan out at once', async () => {
    await place.waiting(storeId, webhookId, 20);
    await open(-1);
    const workers = await Promise.all([1, 2, 3, 4].map(() => place.worker()));

    const claims = await Promise.all(
      workers.flatMap((worker) => [
        place.claim(webhookId, worker, 10),
        fanOut(worker, 3).then(() => place.claim(webhookId, worker, 10)),
      ]),
    );

    expect(claims.flat()).toMatchObject([{ probe: true }]);
    expect(await leased()).toHaveLength(1);
  });

  it('leaves what is fanned out due until it may be probed, also where the worker does not know of it', async () => {
    await open(60_000);

    const committed = await fanOut(workerId, 5);

    expect(committed?.shut).toEqual([{ webhookId, openForMs: expect.any(Number) }]);
    expect(committed?.wakes).toEqual([{ webhookId, delayMs: expect.any(Number) }]);
    expect(await leased()).toEqual([]);
    expect(await place.count('leases')).toBe(0);
    const gate = await place.gate(webhookId);
    expect(gate.due_in_ms).toBeGreaterThanOrEqual((gate.open_for_ms ?? Infinity) - 1);
  });

  it('does not keep a gate shut that has been opened again while a fan-out or a release waited for it', async () => {
    await place.waiting(storeId, webhookId, 1);
    const [delivery] = await place.claim(webhookId, workerId, 1);
    await open(60_000);
    await place.query('UPDATE gates SET due_at = NULL WHERE webhook_id = $1', [webhookId]);
    const close = 'UPDATE gates SET failures = 0, openings = 0, open_until = NULL WHERE webhook_id = $1';

    await place.beside([[close, [webhookId]]], async (commit) => {
      const both = Promise.all([
        fanOut(workerId, 1),
        place.results.release([delivery!], [{ webhookId, delayMs: 0 }], [delivery!.leaseId]),
      ]);
      await place.lockWaits(2);
      await commit();
      await both;
    });

    expect((await place.gate(webhookId)).due_in_ms).toBeLessThanOrEqual(0);
  });
});
