import type { StoreId, WebhookId } from '@signpost/domain';
import fc from 'fast-check';
import type { LeasedDelivery } from '../ports/delivery-ledger';
import { type Deferred, deferred, leasedDelivery, storedEvent, storeId, webhookId } from '../testing/deliveries';
import { type LaneLimits, Lanes } from './lanes';

type Outcome = 'delivered' | 'failed' | 'unsent' | 'away';

const LIMITS: LaneLimits = { webhookConcurrency: 8, workerConcurrency: 16, laneCapacity: 100, workerCapacity: 400 };
/** After this time the lanes have noticed that a request takes long. */
const STALLED_MS = 1_250;

interface Begun {
  readonly delivery: LeasedDelivery;
  readonly outcome: Deferred<Outcome>;
  readonly atMs: number;
}

/** Lanes whose attempts end when the test says so. Notes what happens to each delivery. */
class World {
  readonly begun = new Set<Begun>();
  readonly attempted = new Map<string, number>();
  readonly released = new Map<string, number>();
  readonly fetches: Deferred<undefined>[] = [];
  fetch: (webhook: WebhookId) => Promise<void> = () => {
    const fetched = deferred<undefined>();
    this.fetches.push(fetched);
    return fetched.promise;
  };
  ready = true;
  busyShare = 0;
  storeOf: (webhook: WebhookId) => StoreId = () => storeId(1);
  private made = 0;

  readonly lanes: Lanes;

  constructor(limits: LaneLimits = LIMITS) {
    this.lanes = new Lanes(
      limits,
      {
        ready: () => this.ready,
        attempt: (delivery) => {
          const begun = { delivery, outcome: deferred<Outcome>(), atMs: performance.now() };
          this.begun.add(begun);
          return begun.outcome.promise;
        },
        release: (deliveries) => {
          for (const { id } of deliveries) this.released.set(id, (this.released.get(id) ?? 0) + 1);
        },
        fetch: (webhook) => this.fetch(webhook),
        busyShare: () => this.busyShare,
      },
      () => performance.now(),
    );
  }

  /** Leases as many deliveries as there is room for, and puts them into the lane. */
  put(webhook: WebhookId, wanted: number, probe = false): LeasedDelivery[] {
    return this.fill(webhook, this.lanes.reserve(webhook, wanted), probe);
  }

  /** As {@link put}, but reserves room as a claim does. */
  claim(webhook: WebhookId, wanted: number, probe = false): LeasedDelivery[] {
    return this.fill(webhook, this.lanes.reserveForClaim(webhook, wanted), probe);
  }

  of(webhook: WebhookId): Begun[] {
    return [...this.begun].filter(({ delivery }) => delivery.webhookId === webhook);
  }

  async end(some: Iterable<Begun>, outcome: Outcome): Promise<void> {
    for (const begun of [...some]) {
      this.begun.delete(begun);
      const { id } = begun.delivery;
      this.attempted.set(id, (this.attempted.get(id) ?? 0) + 1);
      begun.outcome.resolve(outcome);
    }
    await jest.advanceTimersByTimeAsync(0);
  }

  /** Ends all attempts of a webhook, and the attempts that begin after them, until there are none. */
  async endAll(webhook: WebhookId, outcome: Outcome): Promise<void> {
    while (this.of(webhook).length > 0) await this.end(this.of(webhook), outcome);
  }

  private fill(webhook: WebhookId, count: number, probe: boolean): LeasedDelivery[] {
    const deliveries = Array.from({ length: count }, () =>
      leasedDelivery((this.made += 1), { webhookId: webhook, storeId: this.storeOf(webhook), probe }),
    );
    this.lanes.put(deliveries);
    return deliveries;
  }
}

let world: World;
const [A, B] = [webhookId(1), webhookId(2)];
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
  world = new World();
});
afterEach(async () => {
  void world.lanes.stop();
  await world.end(world.begun, 'unsent');
  jest.useRealTimers();
});

/** Lets attempts of a webhook succeed until its lane is proven, and leaves the lane empty. */
async function prove(webhook: WebhookId, answers = 20): Promise<void> {
  for (let answer = 0; answer < answers; answer += 1) {
    world.put(webhook, 1);
    await world.endAll(webhook, 'delivered');
  }
}

describe('lanes', () => {
  type Step =
    | { readonly kind: 'put' | 'claim' | 'promise'; readonly webhook: number; readonly count: number }
    | { readonly kind: 'end'; readonly which: number; readonly outcome: Outcome }
    | { readonly kind: 'open' | 'close' | 'expectMore'; readonly webhook: number }
    | { readonly kind: 'pass'; readonly ms: number }
    | { readonly kind: 'clear' | 'fetched' | 'toggleReady' };

  const anyWebhook = fc.integer({ min: 1, max: 5 });
  const anyStep: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('put', 'claim', 'promise'),
        webhook: anyWebhook,
        count: fc.integer({ min: 1, max: 60 }),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('end'),
        which: fc.nat(60),
        outcome: fc.constantFrom<Outcome>('delivered', 'delivered', 'delivered', 'failed', 'failed', 'unsent', 'away'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('open', 'close', 'expectMore'), webhook: anyWebhook }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(0, 250, 1_300, 5_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear', 'fetched', 'toggleReady') }) },
  );

  it('attempt or give back each delivery exactly once, keep within every bound, and end with nothing, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 80 }), async (steps) => {
        world = new World();
        const put = new Set<string>();
        const cleared = new Set<string>();
        const promised: [WebhookId, number][] = [];
        const isOut = (id: string) => world.attempted.has(id) || world.released.has(id) || cleared.has(id);
        const inLane = () => {
          const inFlight = new Set([...world.begun].map(({ delivery }) => delivery.id as string));
          return [...put].filter((id) => !isOut(id) && !inFlight.has(id));
        };
        for (const step of steps) {
          if (step.kind === 'put' || step.kind === 'claim') {
            for (const { id } of world[step.kind](webhookId(step.webhook), step.count)) put.add(id);
          }
          if (step.kind === 'promise') {
            const webhook = webhookId(step.webhook);
            promised.push([webhook, world.lanes.reserve(webhook, step.count)]);
          }
          if (step.kind === 'end') await world.end([...world.begun].slice(step.which).slice(0, 3), step.outcome);
          if (step.kind === 'open') world.lanes.openBreaker(webhookId(step.webhook), 3_000);
          if (step.kind === 'close') world.lanes.closeBreaker(webhookId(step.webhook));
          if (step.kind === 'expectMore') world.lanes.expectMore(webhookId(step.webhook));
          if (step.kind === 'pass') await pass(step.ms);
          if (step.kind === 'toggleReady') world.ready = !world.ready;
          if (step.kind === 'fetched') world.fetches.shift()?.resolve(undefined);
          if (step.kind === 'clear') {
            for (const id of inLane()) cleared.add(id);
            world.lanes.clear();
          }
          await pass(0);
          const load = world.lanes.load;
          const promisedNow = promised.reduce((sum, [, count]) => sum + count, 0);
          expect(load.held).toBe(inLane().length + promisedNow);
          expect(load.held).toBeLessThanOrEqual(LIMITS.workerCapacity);
          expect(load.inFlight).toBe(world.begun.size);
          // The classes have 16, 8 and 4 places. Requests that take long need no place.
          expect(load.inFlight - load.stalled).toBeLessThanOrEqual(16 + 8 + 4);
          for (let webhook = 1; webhook <= 5; webhook += 1) {
            expect(world.of(webhookId(webhook)).length).toBeLessThanOrEqual(LIMITS.webhookConcurrency);
          }
        }
        for (const [webhook, count] of promised) world.lanes.unreserve(webhook, count);
        for (const fetched of world.fetches) fetched.resolve(undefined);
        let stopped = false;
        const stop = world.lanes.stop().then(() => (stopped = true));
        await pass(0);
        expect(stopped).toBe(world.begun.size === 0);
        await world.end(world.begun, 'delivered');
        await stop;
        expect(world.lanes.load).toMatchObject({ inFlight: 0, stalled: 0, held: 0 });
        expect(inLane()).toEqual([]);
        for (const id of put) {
          const times = (world.attempted.get(id) ?? 0) + (world.released.get(id) ?? 0) + (cleared.has(id) ? 1 : 0);
          expect(times).toBe(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('send one delivery of each lane in turn', () => {
    world.ready = false;
    for (let webhook = 1; webhook <= 5; webhook += 1) world.put(webhookId(webhook), 4);
    world.ready = true;
    world.put(webhookId(6), 1);

    const webhooks = [...world.begun].map(({ delivery }) => delivery.webhookId);
    expect(new Set(webhooks.slice(0, 6)).size).toBe(6);
  });

  it('send of endpoints that answer while any number of others hang, from the moment on that these are seen to', async () => {
    await prove(A);
    for (let webhook = 10; webhook < 110; webhook += 1) world.put(webhookId(webhook), 4);
    await pass(STALLED_MS);
    for (let webhook = 200; webhook < 220; webhook += 1) await prove(webhookId(webhook), 0);

    for (let round = 0; round < 20; round += 1) {
      world.put(A, 4);
      expect(world.of(A)).toHaveLength(4);
      await world.endAll(A, 'delivered');
      await pass(250);
    }
  });

  it('send of endpoints that answer when others that used to answer begin to hang', async () => {
    const others = Array.from({ length: 10 }, (_, n) => webhookId(100 + n));
    await prove(A);
    for (const other of others) await prove(other);
    for (const other of others) world.put(other, 20);
    // The other lanes have all the places now.
    expect(world.put(A, 1)).toHaveLength(1);
    expect(world.of(A)).toHaveLength(0);

    await pass(STALLED_MS);

    expect(world.of(A)).toHaveLength(1);
    expect(world.lanes.load.lanes.proven).toBeLessThanOrEqual(10);
  });

  describe('of which much waits', () => {
    function flood(webhook: WebhookId): void {
      world.ready = false;
      world.put(webhook, 300);
      world.busyShare = 1;
      world.ready = true;
    }

    beforeEach(async () => {
      world = new World({ webhookConcurrency: 64, workerConcurrency: 256, laneCapacity: 1_000, workerCapacity: 4_000 });
      await prove(A, 60);
      await prove(B);
      await pass(1_000);
      flood(A);
    });

    it('send with all force while there are no others, however busy the worker is', async () => {
      await pass(250);
      expect(world.of(A)).toHaveLength(64);
    });

    it('are not held back by what they sent when little waited, nor by each other', async () => {
      await world.endAll(A, 'delivered');
      await pass(1_000);
      await prove(A);
      await prove(B, 60);
      flood(A);
      flood(B);
      await pass(250);
      expect(world.of(A)).toHaveLength(64);
      expect(world.of(B)).toHaveLength(64);
    });

    it('send little while others are served and the worker is busy, and those do not wait', async () => {
      world.put(B, 3);
      expect(world.of(B)).toHaveLength(3);
      expect(world.of(A).length).toBeGreaterThan(0);
      expect(world.of(A).length).toBeLessThanOrEqual(10);

      await world.end(world.of(A), 'delivered');
      expect(world.of(A).length).toBeLessThan(10);
      const waits = world.of(A).length;
      await pass(25);
      expect(world.of(A).length).toBeGreaterThan(waits);
      expect(world.of(A).length).toBeLessThanOrEqual(waits + 10);
    });

    it.each(['answer', 'are new'])(
      'count together where many webhooks of one store that %s have a little each',
      async (kind) => {
        const other = webhookId(3);
        world.storeOf = (webhook) => storeId(webhook === other ? 2 : 1);
        await prove(other);
        const many = Array.from({ length: 150 }, (_, n) => webhookId(1_000 + n));
        if (kind === 'answer') for (const webhook of many) await prove(webhook);
        await pass(1_000);
        world.put(other, 1);
        await world.endAll(other, 'delivered');
        world.ready = false;
        for (const webhook of many) world.put(webhook, 2);
        world.ready = true;
        world.put(other, 1);
        await pass(25);
        expect(world.of(other)).toHaveLength(1);
        const sent = many.flatMap((webhook) => world.of(webhook)).length;
        expect(sent).toBeGreaterThan(0);
        expect(sent).toBeLessThanOrEqual(20);
      },
    );

    it('send more beside others while the worker has time', async () => {
      world.busyShare = 0;
      for (let round = 0; round < 60; round += 1) {
        await world.endAll(B, 'delivered');
        world.put(B, 1);
        await pass(25);
      }
      expect(world.of(A)).toHaveLength(64);
    });
  });

  it('hold next to nothing for an endpoint that hangs, and give the rest back', async () => {
    await prove(A);
    const put = world.put(A, 100);
    await pass(STALLED_MS);

    const held = put.length - world.begun.size - world.released.size;
    expect(held).toBe(LIMITS.webhookConcurrency);
  });

  it('give the deliveries of an endpoint that is slow, but answers, back once and not again and again', async () => {
    await prove(A);
    let given = 0;
    for (let second = 0; second < 60; second += 1) {
      given += world.put(A, 100).length;
      await pass(1_500);
      await world.end(world.of(A), 'delivered');
    }
    // The first deliveries are given back when the endpoint turns out to be slow. After that, the lane gets as many as it can send.
    expect(world.released.size).toBeLessThan(100);
    expect(given).toBeGreaterThan(60 * LIMITS.webhookConcurrency * 0.9);
  });

  it('take nothing for a webhook whose breaker is open, until a claim has brought what its gate let through', async () => {
    await prove(A);
    world.ready = false;
    const waiting = world.put(A, 10);
    world.lanes.openBreaker(A, 60_000);
    world.ready = true;

    expect([...world.released.keys()]).toEqual(waiting.map(({ id }) => id));
    expect(world.put(A, 1)).toEqual([]);
    expect(world.lanes.retryAfterMs(A)).toBe(0);
    // A claim that the gate gives no deliveries changes nothing.
    world.lanes.unreserve(A, world.lanes.reserveForClaim(A, 5));
    expect(world.put(A, 1)).toEqual([]);
    expect(world.claim(A, 1, true)).toHaveLength(1);
    expect(world.put(A, 1)).toEqual([]);
    world.lanes.closeBreaker(A);
    expect(world.put(A, 1)).toHaveLength(1);
  });

  it('take in nothing more for an endpoint whose payloads fill half of the memory for them, until they are sent', async () => {
    const world = new World();
    const [large] = [leasedDelivery(1, { event: storedEvent(1, { data: 'x'.repeat(40 * 1024 * 1024) }) })];
    expect(world.lanes.reserve(A, 1)).toBe(1);
    world.lanes.put([large]);
    expect(world.lanes.reserve(A, 1)).toBe(0);
    await jest.advanceTimersByTimeAsync(STALLED_MS);
    await world.endAll(A, 'delivered');
    expect(world.lanes.reserve(A, 1)).toBe(1);
  });

  it('leave others their memory when endpoints that used to answer hang with large payloads, once these are seen to', async () => {
    const others = Array.from({ length: 14 }, (_, n) => webhookId(100 + n));
    await prove(A);
    for (const other of others) await prove(other);
    const event = storedEvent(1, { data: 'x'.repeat(1024 * 1024) });
    for (const [n, other] of others.entries()) {
      expect(world.lanes.reserve(other, 1)).toBe(n < 12 ? 1 : 0);
      if (n < 12) world.lanes.put([leasedDelivery(900 + n, { webhookId: other, event })]);
    }
    expect(world.lanes.reserve(A, 4)).toBe(0);

    await pass(STALLED_MS);

    await world.lanes.room();
    expect(world.lanes.reserve(A, 4)).toBe(4);
  });

  it('give back what waits for a webhook that gets a rate limit, once, so that its gate counts it', () => {
    const put = world.put(A, 20);
    const begun = world.of(A).map(({ delivery }) => delivery.id);

    world.lanes.noteRateLimit(A, true);
    world.lanes.noteRateLimit(A, true);

    const waiting = put.map(({ id }) => id).filter((id) => !begun.includes(id));
    expect(waiting.length).toBeGreaterThan(0);
    expect([...world.released]).toEqual(waiting.map((id) => [id, 1]));
    expect(world.put(A, 20)).toEqual([]);
  });

  it('are open again after a success, as the gate is', async () => {
    world.put(A, 1);
    world.lanes.openBreaker(A, 60_000);
    await world.endAll(A, 'delivered');
    expect(world.put(A, 1)).toHaveLength(1);
  });

  it('give back all that waits when PostgreSQL is away, and go on with what is leased anew', async () => {
    const put = world.put(A, 20);
    const others = world.put(B, 3);
    const begun = new Set([...world.begun].map(({ delivery }) => delivery.id));

    await world.end(world.of(A).slice(0, 1), 'away');

    const waiting = [...put, ...others].filter(({ id }) => !begun.has(id));
    expect(waiting.length).toBeGreaterThan(0);
    expect([...world.released]).toEqual(waiting.map(({ id }) => [id, 1]));
    expect(world.lanes.load.held).toBe(0);
    const inFlight = world.begun.size;
    world.put(A, 1);
    expect(world.begun.size).toBe(inFlight + 1);
  });

  it('begin nothing while results cannot be recorded, and go on by themselves', async () => {
    world.ready = false;
    world.put(A, 3);
    expect(world.begun.size).toBe(0);
    world.ready = true;
    await pass(250);
    expect(world.begun.size).toBe(3);
  });

  it('drop what waits when the lease has lapsed, and go on with what is leased anew', async () => {
    world.ready = false;
    world.put(A, 5);
    world.lanes.clear();
    world.ready = true;
    const [fresh] = world.put(A, 1);
    expect([...world.begun].map(({ delivery }) => delivery.id)).toEqual([fresh?.id]);
    expect(world.released.size).toBe(0);
  });
});

describe('lanes of which more is due', () => {
  it('fetch it as they drain', async () => {
    await prove(A);
    world.put(A, 100);
    world.lanes.expectMore(A);
    const before = world.fetches.length;
    await world.endAll(A, 'delivered');
    expect(before).toBe(0);
    expect(world.fetches).toHaveLength(1);
  });

  it('fetch once at a time, and again only when there is said to be more', async () => {
    world.lanes.expectMore(A);
    world.lanes.expectMore(A);
    expect(world.fetches).toHaveLength(1);
    world.fetches[0]?.resolve(undefined);
    await pass(0);
    expect(world.fetches).toHaveLength(2);
    world.fetches[1]?.resolve(undefined);
    await pass(5_000);
    expect(world.fetches).toHaveLength(2);
  });

  it('do not ask again and again while the worker is full, and ask when it is not', async () => {
    world = new World({ ...LIMITS, workerCapacity: 4 });
    world.ready = false;
    world.put(B, 2);
    const fetched: WebhookId[] = [];
    world.fetch = async (webhook) => {
      fetched.push(webhook);
      // As a claim does when it finds no room.
      if (world.lanes.reserveForClaim(webhook, 10) === 0) world.lanes.expectMore(webhook);
    };

    world.lanes.expectMore(A);
    await pass(10_000);
    expect(fetched).toEqual([]);

    world.ready = true;
    await pass(250);
    await world.endAll(B, 'delivered');
    await pass(250);
    expect(fetched).toEqual([A]);
  });

  it('fetch few at a time, so that claims leave connections to others, and all in the end', async () => {
    for (let webhook = 1; webhook <= 30; webhook += 1) world.lanes.expectMore(webhookId(webhook));
    expect(world.fetches).toHaveLength(4);
    for (let fetched = 0; fetched < 30; fetched += 1) {
      world.fetches[fetched]?.resolve(undefined);
      await pass(0);
    }
    expect(world.fetches).toHaveLength(30);
  });
});

describe('lanes that stop', () => {
  it('give back what waits, finish what is in flight, and begin nothing more', async () => {
    await prove(A);
    const put = world.put(A, 50);
    const inFlight = world.begun.size;
    let stopped = false;
    const stop = world.lanes.stop().then(() => (stopped = true));
    await pass(5_000);
    expect(stopped).toBe(false);
    expect(world.released.size).toBe(put.length - inFlight);
    await world.end(world.begun, 'delivered');
    await stop;
    expect(world.begun.size).toBe(0);
    expect(world.put(A, 1)).toEqual([]);
  });

  it('wait for what is being fetched, and give it back', async () => {
    let room = 0;
    world.fetch = async (webhook) => {
      room = world.lanes.reserveForClaim(webhook, 5);
      await new Promise((resolve) => setTimeout(resolve, 100));
      world.lanes.put(Array.from({ length: room }, (_, n) => leasedDelivery(1_000 + n, { webhookId: webhook })));
    };
    world.lanes.expectMore(A);
    let stopped = false;
    const stop = world.lanes.stop().then(() => (stopped = true));
    await pass(50);
    expect(stopped).toBe(false);
    await pass(50);
    await stop;
    expect(room).toBe(5);
    expect(world.released.size).toBe(5);
    expect(world.lanes.load.held).toBe(0);
  });
});
