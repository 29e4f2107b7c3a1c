import fc from 'fast-check';
import { deferred, webhookId } from './testing/deliveries';
import { DeliverySystem } from './testing/delivery-system';
import type { Fault } from './testing/memory-ledgers';

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
let system: DeliverySystem;

beforeEach(() => {
  jest.useFakeTimers();
  system = new DeliverySystem();
});
afterEach(async () => {
  await system.end();
  jest.useRealTimers();
});

describe('a worker', () => {
  it('delivers each event once to each webhook, keeps nothing, and leaves no lease', async () => {
    await system.start();
    system.publish(120);
    await pass(10_000);

    expect(system.statuses()).toEqual(Array(240).fill('delivered'));
    expect(system.taken.size).toBe(240);
    expect([...system.taken.values()].every((times) => times === 1)).toBe(true);
    expect(system.ledgers.leases.size).toBe(0);
    expect(system.workers[0]?.load).toMatchObject({ inFlight: 0, held: 0, unrecorded: 0 });
    expect(system.faults).toEqual([]);
  });

  it('delivers to one endpoint as ever while the other one hangs', async () => {
    await system.start();
    system.respond = (url) => ({ statusCode: 200, afterMs: url === 'http://1/' ? 15_000 : 5 });
    system.publish(500);
    await pass(5_000);

    const [hanging, answering] = [1, 2].map((n) =>
      [...system.ledgers.deliveries.values()].filter((row) => row.webhookId === webhookId(n)),
    );
    expect(answering?.filter(({ status }) => status === 'delivered')).toHaveLength(500);
    expect(hanging?.filter(({ waiting }) => waiting).length).toBeGreaterThan(450);
  });

  it('gives back at its end what it has not sent, and its lease', async () => {
    const worker = await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 900 });
    system.publish(60);
    await pass(100);
    const stopped = worker.stop(10_000);
    await pass(5_000);
    await stopped;
    system.workers.length = 0;

    const rows = [...system.ledgers.deliveries.values()];
    expect(rows.every(({ waiting, status }) => waiting || status === 'delivered')).toBe(true);
    expect(rows.some(({ waiting }) => waiting)).toBe(true);
    expect([system.ledgers.leases.size, system.ledgers.workers.size]).toEqual([0, 0]);
    expect([...system.taken.values()].every((times) => times === 1)).toBe(true);
  });

  it('calls somebody else at its end for what it had left due and meant to fetch', async () => {
    const worker = await system.start();
    // More than its lanes take.
    system.respond = () => ({ statusCode: 200, afterMs: 900 });
    system.publish(300);
    await pass(500);
    const called = jest.spyOn(system.queue, 'addWakes');
    const stopped = worker.stop(10_000);
    await pass(5_000);
    await stopped;
    system.workers.length = 0;

    const calledFor = called.mock.calls.flatMap(([wakes]) => wakes.filter(({ delayMs }) => delayMs === 0));
    expect(new Set(calledFor.map((wake) => wake.webhookId))).toEqual(new Set([webhookId(1), webhookId(2)]));
  });

  it('sends nothing new from the moment on that it is to end, and leaves what its last jobs bring to others', async () => {
    const worker = await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 900 });
    system.publish(60);
    await pass(100);
    const { inFlight } = worker.load;
    const lastJob = deferred<undefined>();
    const stopped = worker.stop(20_000, lastJob.promise);
    await pass(3_000);
    const called = jest.spyOn(system.queue, 'addWakes');
    system.publish(20);
    await pass(3_000);
    lastJob.resolve(undefined);
    await pass(1_000);
    await stopped;
    system.workers.length = 0;

    expect(inFlight).toBeGreaterThan(0);
    expect(system.taken.size).toBe(inFlight);
    const rows = [...system.ledgers.deliveries.values()];
    expect(rows).toHaveLength(160);
    expect(rows.filter(({ waiting }) => waiting)).toHaveLength(160 - inFlight);
    expect([system.ledgers.leases.size, system.ledgers.workers.size]).toEqual([0, 0]);
    const calledFor = called.mock.calls.flatMap(([wakes]) => wakes.filter(({ delayMs }) => delayMs === 0));
    expect(new Set(calledFor.map((wake) => wake.webhookId))).toEqual(new Set([webhookId(1), webhookId(2)]));
  });

  it('waits at its end for an attempt that a person asked for, and records it', async () => {
    const worker = await system.start();
    system.respond = (url) => ({ statusCode: url === 'http://1/' ? 500 : 200, afterMs: 5 });
    system.publish(1);
    await pass(100);
    const row = [...system.ledgers.deliveries.values()].find(({ waiting }) => waiting)!;
    Object.assign(row, { trigger: 'manual', status: 'queued' });
    system.respond = () => ({ statusCode: 200, afterMs: 5_000 });
    void worker.attemptNow(row.id);
    await pass(2_000);
    let ended = false;
    const stopped = worker.stop(10_000).then(() => (ended = true));
    await pass(1_000);
    expect(ended).toBe(false);
    await pass(3_000);
    await stopped;
    system.workers.length = 0;

    expect(system.statuses()).toEqual(['delivered', 'delivered']);
  });

  it('ends within its grace though a job does not, and has called others by then', async () => {
    const worker = await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 900 });
    // More than its lanes take.
    system.publish(300);
    await pass(500);
    const called = jest.spyOn(system.queue, 'addWakes');
    const stopped = worker.stop(5_000, new Promise(() => undefined));
    await pass(6_000);
    await stopped;
    system.workers.length = 0;

    const calledFor = called.mock.calls.flatMap(([wakes]) => wakes.filter(({ delayMs }) => delayMs === 0));
    expect(new Set(calledFor.map((wake) => wake.webhookId))).toEqual(new Set([webhookId(1), webhookId(2)]));
    expect([system.ledgers.leases.size, system.ledgers.workers.size]).toEqual([0, 0]);
  });

  it('ends within its grace when PostgreSQL is away, and leaves what it holds to the sweep', async () => {
    const worker = await system.start();
    system.publish(5);
    await pass(3);
    system.ledgers.fault = () => 'away';
    const stopped = worker.stop(1_000);
    await pass(4_000);
    await expect(stopped).resolves.toBeUndefined();
    system.workers.length = 0;

    system.ledgers.fault = () => 'none';
    await system.start();
    await pass(20_000);
    expect(system.statuses()).toEqual(Array(10).fill('delivered'));
  });

  it('gives back what it has not sent when PostgreSQL is away for a moment, and sends nothing twice', async () => {
    await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 300 });
    system.publish(80);
    await pass(400);
    system.ledgers.fault = () => 'away';
    await pass(2_500);
    expect(system.workers[0]?.load).toMatchObject({ inFlight: 0, held: 0 });
    system.ledgers.fault = () => 'none';
    await pass(15_000);

    expect(system.statuses()).toEqual(Array(160).fill('delivered'));
    expect([...system.taken.values()].every((times) => times === 1)).toBe(true);
  });

  it('sends again only what was sent or in flight when PostgreSQL crashed and lost its last commits', async () => {
    await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 300 });
    system.publish(80);
    const onDisk = new Map(system.ledgers.batches);
    await pass(400);
    const { batches, deliveries, leases, gates, attempts } = system.ledgers;
    for (const lost of [deliveries, leases, gates, attempts]) lost.clear();
    for (const [id, batch] of onDisk) batches.set(id, { ...batch, position: 0, afterWebhook: null });
    system.ledgers.fault = () => 'away';
    await pass(2_500);
    const sent = new Set(system.taken.keys());
    system.ledgers.fault = () => 'none';
    await pass(15_000);

    expect(system.statuses()).toEqual(Array(160).fill('delivered'));
    expect(sent.size).toBeGreaterThan(0);
    expect([...system.taken].filter(([pair, times]) => times > 1 && !sent.has(pair))).toEqual([]);
  });

  it('sends nothing to a webhook that was disabled while the machine was suspended, however soon it wakes up', async () => {
    await system.start();
    system.respond = () => {
      if (system.ledgers.storeVersion === '1') {
        // The machine sleeps for less than a lease. The monotonic clock stands still meanwhile.
        jest.setSystemTime(Date.now() + 2_000);
        system.ledgers.webhooks.forEach((webhook, n, all) => (all[n] = { ...webhook, enabled: false }));
        system.ledgers.storeVersion = '2';
      }
      return { statusCode: 200, afterMs: 5 };
    };
    system.publish(20);
    await pass(5_000);

    expect(system.statuses().filter((status) => status === 'canceled')).toHaveLength(39);
    expect(system.taken.size).toBe(1);
  });

  it('starts over under a new name, once, when many find out at the same time that its lease has lapsed', async () => {
    await system.start();
    system.ledgers.workers.clear();
    for (let n = 0; n < 10; n += 1) system.publish(5);
    await pass(300);
    // By the refused write itself, before a heartbeat could say so.
    expect(system.ledgers.workers.size).toBe(1);
    await pass(20_000);

    expect(system.faults.filter((fault) => fault === 'lapsed')).toHaveLength(1);
    expect(system.statuses()).toEqual(Array(100).fill('delivered'));
    expect(system.ledgers.workers.size).toBe(1);
  });

  it('sends nothing of what it had been leased once it has lapsed, also when it has started over since', async () => {
    await system.start();
    system.respond = () => ({ statusCode: 200, afterMs: 800 });
    const answered = deferred<undefined>();
    const { ledgers } = system;
    const loadVersions = ledgers.loadVersions.bind(ledgers);
    ledgers.loadVersions = (storeIds) => answered.promise.then(() => loadVersions(storeIds));
    system.publish(100);
    // The first requests need no look at the registry; the next ones wait for it.
    await pass(1_900);
    const sent = system.taken.size;
    expect(system.workers[0]?.load.inFlight).toBeGreaterThan(0);

    ledgers.workers.clear();
    ledgers.leases.clear();
    // Other workers own all deliveries by now.
    for (const row of ledgers.deliveries.values()) Object.assign(row, { waiting: false, leaseId: null });
    await pass(1_500);
    expect(system.faults).toContain('lapsed');
    expect(ledgers.workers.size).toBe(1);
    answered.resolve(undefined);
    await pass(5_000);

    expect(sent).toBeGreaterThan(0);
    expect(system.taken.size).toBe(sent);
  });
});

describe('workers together', () => {
  const anyFault = fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'away', 'answer lost');
  const anyTrouble = fc.record({
    faults: fc.array(anyFault, { minLength: 1, maxLength: 60 }),
    answers: fc.array(fc.constantFrom(200, 200, 200, 500), { minLength: 1, maxLength: 30 }),
    forgotten: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
    batches: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
    deathAtMs: fc.option(fc.integer({ min: 0, max: 3_000 })),
  });

  it('deliver everything in the end, whatever PostgreSQL, the queue, the endpoints and one of them do', async () => {
    await fc.assert(
      fc.asyncProperty(anyTrouble, async ({ faults, answers, forgotten, batches, deathAtMs }) => {
        await system.end();
        system = new DeliverySystem();
        await system.start();
        await system.start();
        const cycle = <T>(values: readonly T[]): (() => T) => {
          let n = 0;
          return () => values[(n += 1) % values.length] as T;
        };
        const [nextFault, nextAnswer, forgets] = [cycle(faults), cycle(answers), cycle(forgotten)];
        system.respond = () => ({ statusCode: nextAnswer(), afterMs: 20 });
        system.forgets = forgets;
        system.ledgers.fault = nextFault;
        let expected = 0;
        for (const count of batches) {
          expected += count * 2;
          system.publish(count);
          await pass(300);
        }
        if (deathAtMs !== null) {
          await pass(deathAtMs);
          system.kill();
        }
        await pass(4_000);
        // The outage ends.
        system.ledgers.fault = () => 'none';
        system.forgets = () => false;
        system.respond = () => ({ statusCode: 200, afterMs: 20 });
        await pass(60_000);

        expect(system.statuses()).toEqual(Array(expected).fill('delivered'));
        expect(system.ledgers.leases.size).toBe(0);
        for (const worker of system.workers) expect(worker.load).toMatchObject({ inFlight: 0, held: 0, unrecorded: 0 });
      }),
      { numRuns: 40 },
    );
  });
});
