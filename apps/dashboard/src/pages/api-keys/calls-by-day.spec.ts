import { callsByDay } from './calls-by-day';

describe('callsByDay', () => {
  const nowMs = Date.parse('2026-03-14T09:26:00Z');
  const hour = (at: string, allowed: number, refused = 0) => ({ at, operation: 'POST /events', allowed, refused });

  it('has a place for each day, also for those without a call', () => {
    const days = callsByDay([hour('2026-03-14T09:00:00Z', 1), hour('2026-03-11T12:00:00Z', 2, 3)], nowMs);
    expect(days.map(({ good, bad }) => `${good}/${bad}`)).toEqual(['0/0', '0/0', '0/0', '0/0', '2/3', '0/0', '1/0']);
  });

  it('loses no call at either end', () => {
    const days = callsByDay([hour('2026-03-07T09:00:00Z', 4), hour('2026-03-14T10:00:00Z', 5)], nowMs);
    expect([days[0]?.good, days[6]?.good]).toEqual([4, 5]);
  });
});
