import { AuditLog, type NewTestDelivery, TestDeliveries } from '@signpost/database';
import { mintId, type StoreId, type WebhookId } from '@signpost/domain';
import { LedgerPlace, leaseOf } from '../support/ledger-place';

const OPERATOR = { kind: 'operator', id: null, address: '127.0.0.1' } as const;

let place: LedgerPlace;
let tests: TestDeliveries;
let storeId: StoreId;
let webhookId: WebhookId;

beforeAll(async () => {
  place = await LedgerPlace.open();
  tests = new TestDeliveries(place.sql, new AuditLog(place.dataSource, Date.now));
  storeId = await place.store();
  webhookId = await place.webhook(storeId);
});
afterAll(() => place.close());

/** Makes a test, as the API does before it adds the job; each is older than those that are made later. */
async function create(): Promise<NewTestDelivery> {
  const nowMs = Date.now();
  const test = {
    deliveryId: mintId('delivery', nowMs),
    eventId: mintId('event', nowMs),
    storeId,
    webhookId,
    eventType: 'order.create',
    timestamp: new Date(nowMs).toISOString(),
    data: '{}',
  };
  await tests.create(test, OPERATOR);
  return test;
}

const statusOf = async ({ deliveryId }: NewTestDelivery): Promise<string> =>
  (await tests.progress(storeId, deliveryId)).status;
const claim = async ({ deliveryId }: NewTestDelivery) =>
  (await place.claims.claimOne(deliveryId, leaseOf(await place.worker())))?.deliveries;

describe('a test whose job was never added, or got lost', () => {
  it('is canceled by the sweep once nobody waits for it any more, and never sent after that', async () => {
    const test = await create();
    expect(await place.sweeps.cancelUnsentTests(60_000, 10)).toBe(0);
    expect(await statusOf(test)).toBe('queued');

    expect(await place.sweeps.cancelUnsentTests(0, 10)).toBe(1);

    expect(await statusOf(test)).toBe('canceled');
    expect(await claim(test)).toBeUndefined();
    expect(await place.sweeps.cancelUnsentTests(0, 10)).toBe(0);
  });

  it('is found in bounded steps, the oldest first', async () => {
    const [first, second, third] = [await create(), await create(), await create()];

    expect(await place.sweeps.cancelUnsentTests(0, 2)).toBe(2);
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([
      'canceled',
      'canceled',
      'queued',
    ]);
    expect(await place.sweeps.cancelUnsentTests(0, 2)).toBe(1);
  });
});

it('leaves a test alone that a worker has taken, or that was canceled', async () => {
  const [taken, canceled] = [await create(), await create()];
  expect(await claim(taken)).toHaveLength(1);
  expect(await tests.cancel(storeId, canceled.deliveryId)).toBe(true);

  expect(await place.sweeps.cancelUnsentTests(0, 10)).toBe(0);

  expect(await statusOf(taken)).toBe('queued');
});
