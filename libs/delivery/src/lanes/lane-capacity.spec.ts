import fc from 'fast-check';
import type { LeasedDelivery } from '../ports/delivery-ledger';
import { leasedDelivery, storedEvent, webhookId } from '../testing/deliveries';
import { Lane } from './lane';
import { LaneCapacity } from './lane-capacity';

/** Lanes that would take as many deliveries as they get: first the proven ones, then the fresh ones, then the failing ones. */
function newLanes(proven: number, fresh: number, failing = 0): Lane[] {
  return Array.from({ length: proven + fresh + failing }, (_, n) => {
    const lane = new Lane(webhookId(n), 32, 1_000);
    if (n < proven) for (let success = 0; success < 40; success += 1) lane.succeeded(true);
    if (n >= proven + fresh) lane.stalled();
    return lane;
  });
}

function fill(capacity: LaneCapacity, lane: Lane, wanted: number): number {
  const granted = capacity.grant(lane, wanted);
  lane.reserved += granted;
  capacity.count(lane, granted);
  return granted;
}

describe('the capacity of a worker', () => {
  const anyWorld = fc.record({
    max: fc.integer({ min: 1, max: 20_000 }),
    proven: fc.nat(8),
    fresh: fc.nat(8),
    failing: fc.nat(8),
    wants: fc.array(fc.tuple(fc.nat(23), fc.integer({ min: 1, max: 2_000 }))),
  });

  it('is never exceeded, nor a quarter of it by fresh webhooks, nor by failing ones', () => {
    fc.assert(
      fc.property(anyWorld, ({ max, proven, fresh, failing, wants }) => {
        const capacity = new LaneCapacity(max);
        const lanes = newLanes(proven, fresh, failing);
        for (const [index, wanted] of wants) {
          const lane = lanes[index];
          if (lane !== undefined) fill(capacity, lane, wanted);
        }
        const held = (some: Lane[]): number => some.reduce((sum, lane) => sum + lane.held, 0);
        expect(capacity.held).toBe(held(lanes));
        expect(capacity.held).toBeLessThanOrEqual(max);
        expect(held(lanes.slice(proven, proven + fresh))).toBeLessThanOrEqual(Math.max(1, max / 4));
        expect(held(lanes.slice(proven + fresh))).toBeLessThanOrEqual(Math.max(1, max / 4));
      }),
    );
  });

  it('has room for a webhook that holds nothing while many others are flooded, and share the rest', () => {
    const capacity = new LaneCapacity(10_000);
    const lanes = newLanes(50, 50);
    for (let round = 0; round < 500; round += 1) {
      for (const lane of lanes) {
        fill(capacity, lane, 2_000);
        // Each lane sends a few deliveries before it is filled again.
        const sent = Math.min(lane.reserved, 5);
        lane.reserved -= sent;
        capacity.count(lane, -sent);
      }
    }

    expect(capacity.grant(newLanes(1, 0)[0]!, 500)).toBeGreaterThan(20);
    expect(capacity.grant(newLanes(0, 1)[0]!, 500)).toBeGreaterThan(5);
    expect(Math.max(...lanes.map(({ held }) => held))).toBeLessThan(400);
  });

  it('has room for one, however small it is', () => {
    const capacity = new LaneCapacity(1);
    expect(capacity.grant(newLanes(0, 1)[0]!, 5)).toBe(1);
  });

  it('moves what a lane holds with it when it is trusted differently', () => {
    const capacity = new LaneCapacity(400);
    const [lane, fresh, failing] = newLanes(0, 2, 1) as [Lane, Lane, Lane];
    for (let late = 0; late < 60; late += 1) failing.succeeded(false);
    const grants = () => [capacity.grant(fresh, 50), capacity.grant(failing, 50)];
    expect(grants()).toEqual([50, 32]);
    fill(capacity, lane, 50);
    expect(grants()).toEqual([25, 32]);

    lane.succeeded(true);
    capacity.reclass(lane, 'fresh');
    expect(grants()).toEqual([50, 32]);

    for (let failure = 0; failure < 5; failure += 1) lane.failed();
    capacity.reclass(lane, 'proven');
    expect(grants()).toEqual([50, 25]);
  });

  it('lets those who wait for room go on when there is some', async () => {
    const capacity = new LaneCapacity(1);
    const lane = newLanes(0, 1)[0]!;
    fill(capacity, lane, 1);
    let entered = 0;
    const waiting = [capacity.room(), capacity.room()].map((room) => room.then(() => (entered += 1)));
    await Promise.resolve();
    expect(entered).toBe(0);

    capacity.count(lane, -1);

    await Promise.all(waiting);
    expect(entered).toBe(2);
  });

  it('gives a lane no more while its payloads take half of what there is for payloads, and lets nobody in while they take all', async () => {
    const capacity = new LaneCapacity(400, 1_000);
    const [lane, other] = newLanes(2, 0) as [Lane, Lane];
    capacity.countPayloads(lane, [payload(400), payload(100)], 1);
    expect(capacity.grant(lane, 10)).toBe(0);
    expect(capacity.grant(other, 10)).toBe(10);

    capacity.countPayloads(other, [payload(500)], 1);
    expect(capacity.grant(other, 10)).toBe(0);
    let entered = false;
    const waiting = capacity.room().then(() => (entered = true));
    await Promise.resolve();
    expect(entered).toBe(false);

    capacity.countPayloads(lane, [payload(400), payload(100)], -1);

    await waiting;
    expect(capacity.grant(lane, 10)).toBe(10);
  });

  it('gives those that hang no more while their payloads take a quarter, and others as much as before', () => {
    const capacity = new LaneCapacity(400, 1_000);
    const [proven, fresh, hanging, another] = newLanes(1, 1, 2) as [Lane, Lane, Lane, Lane];
    capacity.countPayloads(hanging, [payload(250)], 1);

    expect(capacity.grant(another, 10)).toBe(0);
    expect(capacity.grant(fresh, 10)).toBe(10);
    expect(capacity.grant(proven, 10)).toBe(10);

    for (let answer = 0; answer < 10; answer += 1) hanging.succeeded(true);
    capacity.reclass(hanging, 'failing');
    expect(capacity.grant(another, 4)).toBe(4);
  });

  it('has as much room for those that answer when payloads of those that hang turn out far larger than their share', async () => {
    const capacity = new LaneCapacity(400, 1_000);
    const [proven, hanging] = newLanes(1, 0, 1) as [Lane, Lane];
    const large = payload(5_000);
    capacity.countPayloads(hanging, [large], 1);

    expect(capacity.grant(proven, 10)).toBe(10);
    await capacity.room();
    expect(capacity.grant(hanging, 1)).toBe(0);

    capacity.countPayloads(proven, [payload(750)], 1);
    expect(capacity.grant(proven, 10)).toBe(0);
    capacity.countPayloads(hanging, [large], -1);
    expect(capacity.grant(hanging, 1)).toBe(1);
  });

  it('counts the payload of a request that takes long with those that hang, until it ends, however much its lane is trusted', async () => {
    const capacity = new LaneCapacity(400, 1_000);
    const [lane, other] = newLanes(2, 0) as [Lane, Lane];
    const large = payload(1_000);
    capacity.countPayloads(lane, [large], 1);
    expect(capacity.grant(other, 10)).toBe(0);
    const waiting = capacity.room();

    capacity.setPayloadApart(lane, large, true);
    await waiting;
    expect(capacity.grant(other, 10)).toBe(10);

    capacity.setPayloadApart(lane, large, false);
    expect(capacity.grant(other, 10)).toBe(0);
    capacity.countPayloads(lane, [large], -1);
    expect(capacity.grant(other, 10)).toBe(10);
  });

  it('lets nobody in while all payloads, those that hang included, take six times what there is for them', () => {
    const capacity = new LaneCapacity(400, 1_000);
    const [proven, hanging] = newLanes(1, 0, 1) as [Lane, Lane];
    capacity.countPayloads(hanging, [payload(5_999)], 1);
    expect(capacity.grant(proven, 10)).toBe(10);
    capacity.countPayloads(hanging, [payload(1)], 1);
    expect(capacity.grant(proven, 10)).toBe(0);
  });
});

function payload(length: number): LeasedDelivery {
  return leasedDelivery(1, { event: storedEvent(1, { data: 'x'.repeat(length) }) });
}
