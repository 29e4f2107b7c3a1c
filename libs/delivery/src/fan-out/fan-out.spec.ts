import { Courtesy } from '../courtesy';
import type { FanOutStep } from '../ports/delivery-ledger';
import type { RegisteredWebhook } from '../ports/registry-source';
import { batchId, registeredWebhook, storedEvent, storeId, webhookId } from '../testing/deliveries';
import { IdleParts } from '../testing/idle-parts';
import type { MemoryLedgers } from '../testing/memory-ledgers';
import { FanOut } from './fan-out';
import { FanOutSteps } from './fan-out-steps';

const EXPIRED = { ...registeredWebhook(1).signer!, expiresAtMs: 0 };

describe('a fan-out', () => {
  let parts: IdleParts;
  let steps: FanOutStep[];
  let courtesy: Courtesy;

  async function begin(webhooks: readonly RegisteredWebhook[], laneCapacity?: number): Promise<FanOut> {
    parts = new IdleParts(laneCapacity);
    await parts.start();
    parts.ledgers.webhooks.push(...webhooks);
    parts.ledgers.batches.set(batchId(1), {
      events: [storedEvent(1), storedEvent(2)],
      position: 0,
      afterWebhook: null,
    });
    const commitStep = parts.ledgers.commitStep.bind(parts.ledgers);
    steps = [];
    parts.ledgers.commitStep = (step) => {
      steps.push(step);
      return commitStep(step);
    };
    const { ledgers, registry, lanes, keeper, queue } = parts;
    courtesy = new Courtesy(30_000);
    const fanOutSteps = new FanOutSteps(ledgers, registry, lanes, keeper, courtesy);
    return new FanOut(fanOutSteps, lanes, keeper, queue, courtesy, { fannedOut: () => undefined });
  }

  afterEach(() => parts.stop());

  it('leases what there is room for and puts it into its lane, and leaves the rest due with a gate that is looked at later', async () => {
    const fanOut = await begin([registeredWebhook(1)], 1);

    await fanOut.run(batchId(1));

    expect(steps.flatMap(({ deliveries }) => deliveries.map(({ fate }) => fate))).toEqual(['leased', 'overflow']);
    expect(steps[0]?.gates).toEqual([{ webhookId: webhookId(1), delayMs: 5_000 }]);
    expect(parts.wakes).toEqual([{ webhookId: webhookId(1), delayMs: 5_000 }]);
    expect(parts.lanes.load.held).toBe(1);
    expect(parts.keeper.held.ids).toEqual([...parts.ledgers.leases.keys()]);
  });

  it('puts nothing into the lane of a webhook whose breaker is open, and knows of it from then on', async () => {
    const fanOut = await begin([registeredWebhook(1), registeredWebhook(2)]);
    const commitStep = parts.ledgers.commitStep.bind(parts.ledgers);
    parts.ledgers.commitStep = async (step) => {
      const committed = await commitStep(step);
      return committed && { ...committed, shut: [{ webhookId: webhookId(1), openForMs: 60_000 }] };
    };

    await fanOut.run(batchId(1));

    expect(parts.lanes.load).toMatchObject({ held: 2, lanes: { open: 1, fresh: 1 } });
    expect(parts.lanes.reserve(webhookId(1), 1)).toBe(0);
  });

  it.each([
    ['canceled', 'it is disabled', { enabled: false }, []],
    ['held', 'it has no signer', { signer: null }, [{ webhookId: webhookId(1), delayMs: 30_000 }]],
    ['held', 'its key has expired', { signer: EXPIRED }, [{ webhookId: webhookId(1), delayMs: 30_000 }]],
    ['due', 'only its gate can count its rate', { rateLimit: 5 }, [{ webhookId: webhookId(1), delayMs: 0 }]],
  ] as const)('makes deliveries of a webhook %s when %s', async (fate, _reason, traits, gates) => {
    const fanOut = await begin([registeredWebhook(1, traits)]);

    await fanOut.run(batchId(1));

    expect(steps.flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.fate))).toEqual([fate, fate]);
    expect(steps[0]?.gates).toEqual(gates);
    expect(parts.lanes.load.held).toBe(0);
    expect(parts.fetched).toEqual([]);
  });

  it('of bulk goes in small steps after one that is not, and in large ones when it is alone', async () => {
    const fanOut = await begin([registeredWebhook(1)]);
    for (const n of [2, 3]) {
      const events = Array.from({ length: 100 }, (_, place) => storedEvent(n * 1_000 + place));
      parts.ledgers.batches.set(batchId(n), { events, position: 0, afterWebhook: null });
    }

    await fanOut.runBulk(batchId(2));
    await fanOut.run(batchId(1));
    await fanOut.runBulk(batchId(3));

    expect(steps.map(({ deliveries }) => deliveries.length)).toEqual([100, 2, 25, 25, 25, 25]);
  });

  it('has bulk give way while it is being written, not only once it is', async () => {
    const fanOut = await begin([registeredWebhook(1)]);
    const pieces: number[] = [];
    const commitStep = parts.ledgers.commitStep.bind(parts.ledgers);
    parts.ledgers.commitStep = (step) => {
      pieces.push(courtesy.pieceOf(500));
      return commitStep(step);
    };

    await fanOut.run(batchId(1));

    expect(pieces).toEqual([25]);
  });

  it('sets events apart that very many webhooks want, as a batch of bulk, and goes on with the others', async () => {
    const wide = Array.from({ length: 200 }, (_, n) => registeredWebhook(n + 1));
    const fanOut = await begin(wide);

    await fanOut.run(batchId(1));
    expect(steps.map(({ deliveries, accepted }) => [deliveries, accepted])).toEqual([[[], []]]);
    const apart = steps[0]?.apart ?? [];
    expect(apart.map(({ eventId }) => eventId)).toEqual([storedEvent(1).id, storedEvent(2).id]);
    expect(parts.batches).toMatchObject(apart.map(({ batchId: id }) => ({ batchId: id, bulk: true })));
    const [first, second] = parts.batches.map(({ dueAtMs = NaN }) => dueAtMs);
    expect(second! - first!).toBeGreaterThan(100);

    for (const { batchId: id } of apart) await fanOut.runBulk(id);
    const bulk = steps.slice(1);
    expect(bulk.map(({ deliveries, accepted }) => [deliveries.length, accepted.length])).toEqual([
      [200, 1],
      [200, 1],
    ]);
  });

  it('sets such events of bulk apart, too: no import is one long job that all others wait for', async () => {
    const fanOut = await begin(Array.from({ length: 200 }, (_, n) => registeredWebhook(n + 1)));
    const events = [1, 2, 3].map((n) => storedEvent(n));
    parts.ledgers.batches.set(batchId(2), { events, position: 0, afterWebhook: null, bulk: true });

    await fanOut.runBulk(batchId(2));

    expect(steps).toMatchObject([{ deliveries: [], accepted: [], next: null }]);
    const apart = steps[0]?.apart ?? [];
    expect(apart.map(({ eventId }) => eventId)).toEqual(events.map(({ id }) => id));
    for (const { batchId: id } of apart) await fanOut.runBulk(id);
    expect(steps.slice(1).map((step) => [step.deliveries.length, step.apart.length])).toEqual([
      [200, 0],
      [200, 0],
      [200, 0],
    ]);
  });

  it('sets nothing apart from what has been set apart, whichever way it comes', async () => {
    const fanOut = await begin(Array.from({ length: 200 }, (_, n) => registeredWebhook(n + 1)));
    await fanOut.run(batchId(1));
    const [apart] = steps[0]?.apart ?? [];
    await fanOut.run(apart!.batchId);
    expect(steps.at(-1)).toMatchObject({ apart: [], next: null });
  });

  it('of few events for many webhooks goes in steps of few deliveries beside others', async () => {
    const fanOut = await begin(Array.from({ length: 400 }, (_, n) => registeredWebhook(n + 1)));
    const other = storedEvent(3, { storeId: storeId(2) });
    parts.ledgers.webhooks.push(registeredWebhook(1_000, { storeId: storeId(2) }));
    parts.ledgers.batches.set(batchId(2), { events: [other], position: 0, afterWebhook: null });
    parts.ledgers.batches.set(batchId(3), { events: [storedEvent(1)], position: 0, afterWebhook: null, bulk: true });
    await fanOut.run(batchId(2));
    await fanOut.runBulk(batchId(3));
    expect(steps.slice(1).map(({ deliveries }) => deliveries.length)).toEqual([100, 100, 100, 100]);
  });

  it('is done when the batch is done already', async () => {
    const fanOut = await begin([registeredWebhook(1)]);
    await fanOut.run(batchId(9));
    expect(steps).toEqual([]);
  });

  it.each([
    [
      'another worker has taken the step over',
      (ledgers: MemoryLedgers) => (ledgers.commitStep = async () => null),
      null,
    ],
    [
      'PostgreSQL is away',
      (ledgers: MemoryLedgers) => (ledgers.fault = (call) => (call === 'commitStep' ? 'away' : 'none')),
      'connection',
    ],
    [
      'the answer got lost',
      (ledgers: MemoryLedgers) => (ledgers.fault = (call) => (call === 'commitStep' ? 'answer lost' : 'none')),
      'broke',
    ],
    ['its worker has lapsed', (ledgers: MemoryLedgers) => ledgers.workers.clear(), 'lapsed'],
  ])('holds nothing, neither room nor deliveries, when %s', async (_name, trouble, error) => {
    const fanOut = await begin([registeredWebhook(1), registeredWebhook(2)]);
    trouble(parts.ledgers);

    const run = fanOut.run(batchId(1));

    await (error === null ? expect(run).resolves.toBeUndefined() : expect(run).rejects.toThrow(error));
    expect(parts.lanes.load.held).toBe(0);
    expect(parts.keeper.held.ids).toEqual([]);
    expect(parts.wakes).toEqual([]);
  });

  it('hands in what it had committed when the queue is away, for the wake is found by the sweep', async () => {
    const fanOut = await begin([registeredWebhook(1)], 1);
    parts.queue.addWakes = () => Promise.reject(new Error('away'));

    await expect(fanOut.run(batchId(1))).rejects.toThrow('away');

    expect(parts.lanes.load.held).toBe(1);
    expect(parts.ledgers.batches.size).toBe(0);
  });
});
