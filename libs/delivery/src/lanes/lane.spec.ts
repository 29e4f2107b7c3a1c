import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { leasedDelivery, webhookId } from '../testing/deliveries';
import { Lane } from './lane';

const newLane = (concurrencyMax = 32): Lane => new Lane(webhookId(1), concurrencyMax, 1_000);
const times = (count: number, deed: () => void): void => {
  for (let n = 0; n < count; n += 1) deed();
};

describe('a lane', () => {
  it('gives out each delivery once, oldest first, whatever is put in and taken out in between', () => {
    const anyStep = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), count: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('takeAllBut' as const), count: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep), (steps) => {
        const lane = newLane();
        let model: number[] = [];
        let next = 0;
        const numbers = new Map<string, number>();
        for (const { kind, count } of steps) {
          if (kind === 'put') {
            times(count, () => {
              const delivery = leasedDelivery((next += 1));
              numbers.set(delivery.id, next);
              model.push(next);
              lane.put(delivery);
            });
          }
          if (kind === 'take') times(count, () => expect(numbers.get(lane.take()?.id ?? '')).toBe(model.shift()));
          if (kind === 'takeAllBut') {
            expect(lane.takeAllBut(count).map(({ id }) => numbers.get(id))).toEqual(model.splice(count));
          }
          expect(lane.queued).toBe(model.length);
        }
        model = [];
      }),
    );
  });

  it('keeps no payload of what it has sent', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const lane = newLane();
    const sent = Array.from({ length: 200 }, (_, n) => {
      const delivery = leasedDelivery(n);
      lane.put(delivery);
      return new WeakRef(delivery);
    });
    times(200, () => lane.take());

    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collectGarbage();
      expect(sent.filter((reference) => reference.deref() !== undefined)).toHaveLength(0);
      expect(lane.isIdle).toBe(true);
    });
  });

  it('grows its window with success, up to the concurrency of a webhook, and never below one with failure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(fc.boolean()), (concurrencyMax, outcomes) => {
        const lane = newLane(concurrencyMax);
        expect(lane.places).toBeLessThanOrEqual(concurrencyMax);
        for (const delivered of outcomes) {
          if (delivered) lane.succeeded(true);
          else lane.failed();
          expect(lane.places).toBeGreaterThanOrEqual(1);
          expect(lane.places).toBeLessThanOrEqual(concurrencyMax);
        }
      }),
    );
  });

  it('is proven by its first answer, and stays so while failures come one by one', () => {
    const lane = newLane();
    expect(lane.class).toBe('fresh');
    lane.succeeded(true);
    times(20, () => {
      times(4, () => lane.failed());
      lane.succeeded(true);
    });
    expect(lane.class).toBe('proven');
  });

  it('is failing after five failures in a row, then holds no more than it can send next', () => {
    const lane = newLane();
    times(40, () => lane.succeeded(true));
    expect(lane.room).toBe(1_000);
    times(5, () => lane.failed());
    expect(lane.class).toBe('failing');
    expect(lane.room).toBe(lane.places);
  });

  it('holds no more than it can send now when its webhook has a rate limit: what is gathered would go out as a burst', () => {
    const lane = newLane();
    times(40, () => lane.succeeded(true));
    lane.rateLimited = true;
    expect(lane.room).toBe(32);
    lane.inFlight = 30;
    lane.put(leasedDelivery(1));
    expect(lane.room).toBe(1);
    lane.inFlight = 32;
    expect(lane.room).toBe(0);
  });

  it('is failing at once when the first thing that is seen of it is that it takes long', () => {
    const lane = newLane();
    lane.stalled();
    expect(lane.class).toBe('failing');
  });

  it('is failing when all that it may have in flight takes long, however little that is', () => {
    const lane = newLane();
    times(20, () => lane.failed());
    times(10, () => lane.succeeded(true));
    times(3, () => lane.failed());
    expect(lane.class).toBe('proven');
    times(5, () => lane.stalled());
    expect(lane.class).toBe('failing');
  });

  it('does not become proven by answers that take long, but may have more in flight', () => {
    const lane = newLane();
    lane.stalled();
    times(50, () => lane.succeeded(false));
    expect(lane.class).toBe('failing');
    expect(lane.places).toBe(32);
  });

  it('is proven again after ten answers in a row, not sooner', () => {
    const lane = newLane();
    lane.stalled();
    times(9, () => lane.succeeded(true));
    expect(lane.class).toBe('failing');
    lane.failed();
    times(9, () => lane.succeeded(true));
    expect(lane.class).toBe('failing');
    lane.succeeded(true);
    expect(lane.class).toBe('proven');
  });
});
