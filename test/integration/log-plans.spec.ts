import {
  DeliveryLog,
  DeliveryStats,
  NO_DELIVERY_FILTERS,
  type DeliveryFilters,
  type SqlRunner,
} from '@signpost/database';
import { mintId, type StoreId, type WebhookId } from '@signpost/domain';
import { LedgerPlace } from '../support/ledger-place';

/** Of ten webhooks: enough that it matters how they are found. */
const DELIVERIES = 20_000;

let place: LedgerPlace;
let storeId: StoreId;
let webhookId: WebhookId;

beforeAll(async () => {
  place = await LedgerPlace.open();
  storeId = await place.store();
  const webhookIds = await Promise.all(Array.from({ length: 10 }, () => place.webhook(storeId)));
  webhookId = webhookIds[0]!;
  const nowMs = Date.now();
  const ids = Array.from({ length: DELIVERIES }, () => mintId('delivery', nowMs));
  const eventIds = ids.map(() => mintId('event', nowMs));
  await place.query(
    `INSERT INTO deliveries (id, store_id, webhook_id, event_id, event_type, status, waiting, attempts_made, last_error_code, last_status_code)
     SELECT id, $3::uuid, ($4::uuid[])[n % 10 + 1], event_id, 'order.create', CASE WHEN n % 21 = 0 THEN 'failed' ELSE 'delivered' END, false, 1,
            CASE WHEN n % 21 = 0 THEN 'http_error' END, CASE WHEN n % 21 = 0 THEN 500 ELSE 200 END
     FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS d(id, event_id, n)`,
    [ids, eventIds, storeId, webhookIds],
  );
  await place.query('ANALYZE deliveries');
});
afterAll(() => place.close());

/** How PostgreSQL finds deliveries of today, whatever the values: a statement is planned once for all of them. */
async function planOf(read: (explains: SqlRunner) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  const explains: SqlRunner = {
    run: async ({ text }) => {
      const rows = await place.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      plans.push(...rows.map((row) => row['QUERY PLAN']));
      return [];
    },
  };
  await read(explains);
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return plans.filter((line) => line.includes(` on deliveries_${today}`)).join('\n');
}

function planOfList(filters: Partial<DeliveryFilters>): Promise<string> {
  const window = { sinceMs: null, untilMs: null, before: null, limit: 50 };
  return planOf((sql) => new DeliveryLog(sql).list(storeId, window, { ...NO_DELIVERY_FILTERS, ...filters }));
}

describe('the log of deliveries', () => {
  it.each<[string, () => Partial<DeliveryFilters>, string]>([
    ['of an event', () => ({ eventId: mintId('event', Date.now()) }), 'event_id_id'],
    ['of a webhook', () => ({ webhookId }), 'store_id_webhook_id_id'],
    ['of a status', () => ({ status: 'failed' }), 'store_id_trouble_id'],
    ['of a status and a webhook', () => ({ status: 'failed', webhookId }), 'store_id_webhook_trouble_id'],
    ['with a failing answer', () => ({ statusCode: 500 }), 'store_id_error_status_id'],
    ['with an error', () => ({ errorCode: 'http_error' }), 'store_id_last_error_code_id'],
    ['without a filter', () => ({}), 'store_id_id'],
  ])('is read by the index that serves it: %s', async (_what, filters, index) => {
    expect(await planOfList(filters())).toMatch(
      new RegExp(`^ *-> +Index Scan Backward using deliveries_\\d+_${index}_idx on`),
    );
  });
});

it('what waits is counted from indexes alone, and no delivery is read for it', async () => {
  const plan = await planOf((sql) => new DeliveryStats(sql).backlog(storeId, null));
  expect(plan.split('\n')).toEqual([
    expect.stringMatching(/-> +Index Only Scan using deliveries_\d+_webhook_id_idx on/),
    expect.stringMatching(/-> +Index Only Scan using deliveries_\d+_store_id_webhook_trouble_id_idx on/),
  ]);
});
