import fc from 'fast-check';
import type { OpenBatch } from '../ports/delivery-ledger';
import { StoreWebhooks } from '../registry';
import { batchId, registeredWebhook, storedEvent, storeId, webhookId } from '../testing/deliveries';
import { countAccepted, planStep } from './step-plan';

const TYPES = ['order.create', 'order.update'];

interface World {
  readonly stores: ReadonlyMap<ReturnType<typeof storeId>, StoreWebhooks>;
  readonly events: OpenBatch['events'];
}

/** Up to three stores with up to four webhooks each, and up to twelve events of theirs, some of which are gone. */
const anyWorld: fc.Arbitrary<World> = fc
  .record({
    stores: fc.array(fc.array(fc.subarray(TYPES), { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    events: fc.array(fc.tuple(fc.nat(2), fc.constantFrom(...TYPES), fc.nat(9)), { maxLength: 12 }),
  })
  .map(({ stores, events }) => ({
    stores: new Map(
      stores.map((webhooks, store) => [
        storeId(store),
        new StoreWebhooks(
          '1',
          webhooks.map((types, n) => registeredWebhook(store * 10 + n, { eventTypes: types })),
        ),
      ]),
    ),
    events: events.map(([store, type, gone], n) =>
      gone === 0 ? null : storedEvent(n + 1, { storeId: storeId(store), type }),
    ),
  }));

function batchAt(
  world: World,
  { position, afterWebhook }: { position: number; afterWebhook: OpenBatch['afterWebhook'] },
  eventsMax: number,
): OpenBatch {
  const events = world.events.slice(position, position + eventsMax);
  return {
    batchId: batchId(1),
    eventType: 'order.create',
    bulk: false,
    position,
    afterWebhook,
    events,
    more: position + events.length < world.events.length,
    storeVersions: new Map(),
  };
}

/** The pairs of a batch that is fanned out to its end, in the order of the steps. */
function fanOutWhole(world: World, eventsMax: number, deliveriesMax: number, webhooksMax: number): string[] {
  const made: string[] = [];
  let next: Parameters<typeof batchAt>[1] | null = { position: 0, afterWebhook: null };
  for (let steps = 0; next !== null; steps += 1) {
    const plan: ReturnType<typeof planStep> = planStep(batchAt(world, next, eventsMax), world.stores, {
      deliveriesMax,
      webhooksMax,
    });
    expect(plan.pairs.length).toBeLessThanOrEqual(deliveriesMax);
    made.push(...plan.pairs.map(({ event, webhook }) => `${event.id} ${webhook.id}`));
    // Each wide event becomes a batch of its own, from which no event is left out again.
    const apart = {
      ...world,
      events: plan.wide.map(({ eventId }) => world.events.find((each) => each?.id === eventId)!),
    };
    if (plan.wide.length > 0) made.push(...fanOutWhole(apart, eventsMax, deliveriesMax, Infinity));
    next = plan.next;
    expect(steps).toBeLessThan(100);
  }
  return made;
}

describe('the plan of a step', () => {
  it('makes the same pairs, each exactly once, whatever the bounds of a step are', () => {
    fc.assert(
      fc.property(
        anyWorld,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        (world, eventsMax, deliveriesMax, webhooksMax) => {
          const expected = world.events.flatMap((event) =>
            event === null
              ? []
              : (world.stores.get(event.storeId)?.subscribedTo(event.type) ?? []).map(
                  (webhook) => `${event.id} ${webhook.id}`,
                ),
          );
          expect(fanOutWhole(world, eventsMax, deliveriesMax, Infinity)).toEqual(expected);
          expect(fanOutWhole(world, eventsMax, deliveriesMax, webhooksMax).sort()).toEqual(expected.sort());
        },
      ),
    );
  });

  it('counts each event that is still there once as accepted, however many steps its deliveries take', () => {
    fc.assert(
      fc.property(
        anyWorld,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 9 }),
        (world, eventsMax, deliveriesMax) => {
          let [accepted, apart] = [0, 0];
          let next: Parameters<typeof batchAt>[1] | null = { position: 0, afterWebhook: null };
          while (next !== null) {
            const batch = batchAt(world, next, eventsMax);
            const plan: ReturnType<typeof planStep> = planStep(batch, world.stores, { deliveriesMax, webhooksMax: 3 });
            for (const { events } of countAccepted(batch, plan)) accepted += events;
            apart += plan.wide.length;
            next = plan.next;
          }
          expect(accepted + apart).toBe(world.events.filter((event) => event !== null).length);
        },
      ),
    );
  });

  it('goes on with all webhooks of the next event when the one it had stopped at is gone by now', () => {
    const webhooks = new StoreWebhooks('1', [registeredWebhook(1), registeredWebhook(2)]);
    const batch = batchAt(
      { stores: new Map(), events: [null, storedEvent(2)] },
      { position: 0, afterWebhook: webhookId(1) },
      10,
    );

    const { pairs } = planStep(batch, new Map([[storeId(1), webhooks]]), {
      deliveriesMax: 10,
      webhooksMax: 10,
    });

    expect(pairs.map(({ webhook }) => webhook.id)).toEqual([webhookId(1), webhookId(2)]);
  });

  it('sets an event apart that more webhooks want than it may, but none that has begun already', () => {
    const webhooks = new StoreWebhooks('1', [registeredWebhook(1), registeredWebhook(2), registeredWebhook(3)]);
    const stores = new Map([[storeId(1), webhooks]]);
    const plan = (afterWebhook: OpenBatch['afterWebhook'], webhooksMax: number) => {
      const batch = batchAt({ stores, events: [storedEvent(1)] }, { position: 0, afterWebhook }, 10);
      const { pairs, wide } = planStep(batch, stores, { deliveriesMax: 10, webhooksMax });
      return { pairs: pairs.length, wide: wide.map((event) => event.webhooks) };
    };
    expect(plan(null, 3)).toEqual({ pairs: 3, wide: [] });
    expect(plan(null, 2)).toEqual({ pairs: 0, wide: [3] });
    // Set apart, it would be sent once more to the webhooks that have it.
    expect(plan(webhookId(1), 2)).toEqual({ pairs: 2, wide: [] });
  });

  it('misses no pair and doubles none when webhooks come and go between its steps', () => {
    const steady = [registeredWebhook(2), registeredWebhook(5), registeredWebhook(8)];
    const guests = [1, 3, 4, 6, 7, 9].map((n) => registeredWebhook(n));
    fc.assert(
      fc.property(
        fc.array(fc.subarray(guests), { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (visits, deliveriesMax) => {
          const events = [storedEvent(1), storedEvent(2)];
          const made: string[] = [];
          let next: Parameters<typeof batchAt>[1] | null = { position: 0, afterWebhook: null };
          for (let step = 0; next !== null; step += 1) {
            const present = [...steady, ...(visits[step] ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
            const stores = new Map([[storeId(1), new StoreWebhooks('1', present)]]);
            const plan: ReturnType<typeof planStep> = planStep(batchAt({ stores, events }, next, 10), stores, {
              deliveriesMax,
              webhooksMax: Infinity,
            });
            made.push(...plan.pairs.map(({ event, webhook }) => `${event.id} ${webhook.id}`));
            next = plan.next;
          }
          expect(new Set(made).size).toBe(made.length);
          for (const event of events) {
            for (const webhook of steady) expect(made).toContain(`${event.id} ${webhook.id}`);
          }
        },
      ),
    );
  });
});
