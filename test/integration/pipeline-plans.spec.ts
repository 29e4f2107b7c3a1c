import { PgFailingLedger } from '@signpost/database';
import { mintId, type StoreId, type WebhookId } from '@signpost/domain';
import type { PoolClient } from 'pg';
import {
  DELIVERED,
  LedgerPlace,
  leasedDelivery,
  leaseOf,
  newDelivery,
  RETRIED,
  settlementOf,
} from '../support/ledger-place';

/** So many that looking up a few of their gates is less than reading all, also where they lie in the order of their ids. */
const WEBHOOKS = 4_000;
const FEW = 200;
const MANY = 20_000;
/** What one call of the pipeline reads by key, or by the head of an index; all of it grows with what is stored. */
const GROWING = /^(deliveries|events|attempts)_|^(gates|leases|idempotency_keys|outbox|webhooks|webhook_stats)$/;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

let place: LedgerPlace;
let storeId: StoreId;
let webhookIds: WebhookId[];
let webhookId: WebhookId;

beforeAll(async () => {
  place = await LedgerPlace.open();
  storeId = await place.store();
  webhookId = await place.webhook(storeId);
  webhookIds = [webhookId, ...Array.from({ length: WEBHOOKS - 1 }, () => mintId('webhook', Date.now()))];
  await place.query(
    `INSERT INTO webhooks (id, store_id, url, event_types, api_key_id)
     SELECT u.id, store_id, url, event_types, api_key_id FROM webhooks w, unnest($2::uuid[]) AS u(id) WHERE w.id = $1`,
    [webhookId, webhookIds.slice(1)],
  );
});
afterAll(() => place.close());

const submission = (idempotencyKey: string) => ({
  storeId,
  fence: null,
  person: null,
  idempotency: { key: idempotencyKey, bodyHash: Buffer.from('body') },
  events: [
    {
      id: mintId('event', Date.now()),
      type: 'order.create' as const,
      timestamp: '2026-01-01T00:00:00.000Z',
      data: '{}',
    },
  ],
});

/** The way of some events, from the publisher to the records of their attempts, with all that may come between. */
async function runPipeline(): Promise<void> {
  const workerId = await place.worker();
  const batchOf = new Map([['order.create' as const, mintId('batch', Date.now())]]);
  await place.events.commit([submission('order-1'), submission('order-2')], batchOf, false);
  await place.events.commit([submission('order-1')], batchOf, false);
  const { batchId, eventIds } = await place.batch(storeId, 40);
  await place.fanOuts.openBatch(batchId, 100);
  const lease = leaseOf(workerId);
  const deliveries = eventIds.map((eventId, n) =>
    newDelivery(storeId, eventId, webhookId, n < 20 ? 'leased' : 'overflow'),
  );
  const from = { position: 0, afterWebhook: null };
  await place.fanOuts.commitStep({
    ...{ batchId, from, next: null, deliveries, lease, apart: [], accepted: [] },
    gates: [{ webhookId, delayMs: 0 }],
  });
  const [sent, failed, ...released] = deliveries.slice(0, 20).map((delivery) => leasedDelivery(delivery, lease));
  await place.results.record([settlementOf(sent!, DELIVERED)], [], false);
  await place.results.record([settlementOf(failed!, RETRIED)], [], false);
  await place.results.record([settlementOf(failed!, RETRIED)], [], true);
  await place.results.release(released, [{ webhookId, delayMs: 0 }], [lease.leaseId]);
  await place.claim(webhookId, workerId, 15);
  await place.claim(webhookId, workerId, 100);
  await place.claims.claimOne(released[0]!.id, leaseOf(workerId));
  for (const active of [false, true]) {
    await place.query('UPDATE api_keys SET activated = $2 WHERE store_id = $1', [storeId, active]);
    await place.claim(webhookId, workerId, 15);
  }
  await place.leases.heartbeat(workerId, 60_000);
  await place.leases.freeForgotten(workerId, [], mintId('lease', Date.now()));
  await place.sweeps.strandedBatches(0, 10);
  await place.sweeps.overdueWebhooks(0, 10);
  await new PgFailingLedger(place.sql).disableFailing(432_000_000, 10);
  await place.leases.retire(workerId);
}

/** So many deliveries, most of which are done, as in a log. */
async function fill(count: number): Promise<void> {
  const nowMs = Date.now();
  const ids = Array.from({ length: count }, () => mintId('delivery', nowMs));
  const eventIds = ids.map(() => mintId('event', nowMs));
  await place.query(
    `WITH e AS (
       INSERT INTO events (id, store_id, batch_id, type, occurred_at, data)
       SELECT id, $3::uuid, $3::uuid, 'order.create', now(), '{}' FROM unnest($2::uuid[]) AS id
     ), k AS (
       INSERT INTO idempotency_keys (store_id, key, body_hash, event_ids) SELECT $3::uuid, id::text, '', ARRAY[id] FROM unnest($2::uuid[]) AS id
     )
     INSERT INTO deliveries (id, store_id, webhook_id, event_id, event_type, status, waiting, attempts_made)
     SELECT id, $3::uuid, ($4::uuid[])[n % ${WEBHOOKS} + 1], event_id, 'order.create', CASE WHEN n % 20 = 0 THEN 'retrying' ELSE 'delivered' END, n % 20 = 0, 1
     FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS d(id, event_id, n)`,
    [ids, eventIds, storeId, webhookIds],
  );
}

/** Statements that connections have prepared, by name. */
async function preparedStatements(): Promise<Map<string, string>> {
  const { pool } = place.sql;
  const connections: PoolClient[] = [];
  for (let n = 0; n < pool.totalCount; n += 1) connections.push(await pool.connect());
  try {
    const texts = new Map<string, string>();
    for (const connection of connections) {
      const { rows } = await connection.query<{ name: string; statement: string }>(
        'SELECT name, statement FROM pg_prepared_statements',
      );
      for (const { name, statement } of rows) texts.set(name, statement);
    }
    return texts;
  } finally {
    for (const connection of connections) connection.release();
  }
}

/** Where a statement would read a growing table from one end to the other. */
async function wholeReads(name: string, text: string): Promise<string[]> {
  const rows = await place.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`);
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
  return rows
    .flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan))
    .filter((node) => node['Node Type'].endsWith('Scan') && node['Index Cond'] === undefined)
    .map((node) => node['Relation Name'] ?? '')
    .filter((table) => GROWING.test(table) && (!/_\d+$/.test(table) || table.endsWith(today)))
    .map((table) => `${name}: ${table.replace(today, '*')}`);
}

describe('a statement of the pipeline', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['of new tables, of which nothing is known', () => Promise.resolve()],
    ['of few rows, of which nothing is known', () => fill(FEW)],
    ['of few rows, that are known', () => place.query('ANALYZE')],
    ['of many rows, where few are known', () => fill(MANY)],
    ['of many rows, that are known', () => place.query('ANALYZE')],
  ])('reads no growing table as a whole: %s', async (_what, prepare) => {
    await prepare();
    await runPipeline();

    const statements = await preparedStatements();

    expect([...statements.keys()]).toEqual(
      expect.arrayContaining([
        'commit_events',
        'open_batch',
        'commit_fan_out_step',
        'take_parcels',
        'claim_deliveries',
        'lock_failing_webhooks',
      ]),
    );
    expect(statements.size).toBeGreaterThan(20);
    const found = await Promise.all([...statements].map(([name, text]) => wholeReads(name, text)));
    expect(found.flat()).toEqual([]);
  });
});
