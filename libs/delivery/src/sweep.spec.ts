import type { SweepLedger } from './ports/delivery-ledger';
import type { JobQueue } from './ports/job-queue';
import { Sweep } from './sweep';
import { batchId, webhookId } from './testing/deliveries';

const SETTINGS = {
  strandedAfterMs: 2_000,
  overdueAfterMs: 3_000,
  leaseMs: 10_000,
  testsUnsentAfterMs: 8,
  idempotencyKeysKeptMs: 9,
  limit: 10,
  batchesMax: 10,
};

/** What a sweep finds, and what it adds to the queue; each part can be made to fail. */
function world(of: { freed?: number; keys?: number; failing?: string } = {}) {
  const { freed = 0, failing } = of;
  let keys = of.keys ?? 0;
  const did: string[] = [];
  const part = async <T>(name: string, result: T): Promise<T> => {
    did.push(name);
    if (name === failing) throw new Error(name);
    return result;
  };
  const ledger: SweepLedger = {
    strandedBatches: () => part('batches', [{ batchId: batchId(1), eventType: 'order.create' as const }]),
    releaseLapsedWorkers: () => part('lapsed', freed),
    overdueWebhooks: (overdueMs) => part(`overdue ${overdueMs}`, [webhookId(1), webhookId(2)]),
    cancelUnsentTests: (olderThanMs) => part(`tests ${olderThanMs}`, 1),
    forgetIdempotencyKeys: (_olderThanMs, limit) => {
      const count = Math.min(keys, limit);
      keys -= count;
      return part('forget', count);
    },
  };
  const queue = {
    addBatches: (_batches: unknown, options: unknown) => part(`add batches ${JSON.stringify(options)}`, undefined),
    addWakes: (_wakes: unknown, options: unknown) => part(`add wakes ${JSON.stringify(options)}`, undefined),
  } as unknown as JobQueue;
  return { sweep: new Sweep(ledger, queue, SETTINGS), did, left: () => keys };
}

describe('a sweep', () => {
  it('puts batches and overdue webhooks back on their way, and tells what it found', async () => {
    const { sweep, did } = world({ keys: 3 });
    expect(await sweep.run()).toEqual({ batches: 1, freed: 0, webhooks: 2, tests: 1, idempotencyKeys: 3 });
    expect(did).toEqual(
      expect.arrayContaining(['add batches {"stranded":true}', 'overdue 3000', 'add wakes {"deduplicate":true}']),
    );
  });

  it('wakes at once what it has just freed', async () => {
    const { sweep, did } = world({ freed: 4 });
    expect(await sweep.run()).toMatchObject({ freed: 4 });
    expect(did).toContain('overdue 0');
  });

  it.each([
    ['lapsed', 'the ledger'],
    ['batches', 'the ledger'],
    ['add batches {"stranded":true}', 'the queue'],
    ['overdue 3000', 'the ledger'],
    ['tests 8', 'the ledger'],
    ['forget', 'the ledger'],
  ])('does everything else when %s fails in %s, and fails', async (failing) => {
    const { sweep, did } = world({ failing });
    await expect(sweep.run()).rejects.toThrow(failing);
    const parts = ['lapsed', 'batches', 'overdue 3000', 'tests 8', 'forget'];
    expect(did).toEqual(expect.arrayContaining(parts));
  });

  it('forgets more idempotency keys than one step holds, and a bounded number', async () => {
    const some = world({ keys: 95 });
    expect(await some.sweep.run()).toMatchObject({ idempotencyKeys: 95 });
    const many = world({ keys: 10_000 });
    expect(await many.sweep.run()).toMatchObject({ idempotencyKeys: 250 });
    expect(many.left()).toBe(9_750);
  });
});
