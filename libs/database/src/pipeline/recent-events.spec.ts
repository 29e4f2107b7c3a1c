import type { StoredEvent } from '@signpost/delivery';
import type { EventId, StoreId } from '@signpost/domain';
import { RecentEvents } from './recent-events';

const event = (id: string, data: string | null): StoredEvent => ({
  id: id as EventId,
  storeId: 'store' as StoreId,
  type: 'order.create',
  timestamp: '2026-01-01T00:00:00.000Z',
  data,
});

describe('recent events', () => {
  it('are given as they were read', () => {
    const recent = new RecentEvents();
    const read = event('a', '{}');
    recent.add(read);

    expect(recent.get(read.id)).toBe(read);
    expect(recent.get('b' as EventId)).toBeUndefined();
  });

  it('are forgotten, the oldest first, when their payloads take more than there is room for', () => {
    const recent = new RecentEvents(3_000);
    const events = ['a', 'b', 'c'].map((id) => event(id, 'x'.repeat(1_000)));
    for (const each of events) recent.add(each);

    expect(events.map(({ id }) => recent.get(id) !== undefined)).toEqual([false, true, true]);
  });

  it('are counted once, however often they are added', () => {
    const recent = new RecentEvents(3_000);
    const [twice, other] = [event('a', 'x'.repeat(1_000)), event('b', 'x'.repeat(1_000))];
    for (const each of [twice, twice, other]) recent.add(each);

    expect([recent.get(twice.id), recent.get(other.id)]).toEqual([twice, other]);
  });

  it('take room also without a payload', () => {
    const recent = new RecentEvents(1_000);
    const events = Array.from({ length: 10 }, (_, n) => event(String(n), null));
    for (const each of events) recent.add(each);

    expect(events.filter(({ id }) => recent.get(id) !== undefined)).toHaveLength(3);
  });

  it('larger than all room are not kept', () => {
    const recent = new RecentEvents(1_000);
    const large = event('a', 'x'.repeat(2_000));
    recent.add(large);

    expect(recent.get(large.id)).toBeUndefined();
  });
});
