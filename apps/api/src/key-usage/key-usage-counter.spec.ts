import { type ApiKeyId, PERMISSIONS } from '@signpost/domain';
import { type KeyCall, KeyUsageCounter } from './key-usage-counter';

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 1, 20, 12);
const call = (of: Partial<KeyCall> = {}): KeyCall => ({
  apiKeyId: 'one' as ApiKeyId,
  operation: 'POST /events',
  allowed: true,
  permissions: new Set(['orders:write']),
  ...of,
});

describe('KeyUsageCounter', () => {
  it('counts calls by key, hour and operation, refused ones apart from the others', () => {
    const counter = new KeyUsageCounter();
    counter.add(call(), NOON_MS);
    counter.add(call({ permissions: new Set(['products:write']) }), NOON_MS + 5);
    counter.add(call({ allowed: false, permissions: new Set(PERMISSIONS) }), NOON_MS + HOUR_MS - 1);
    counter.add(call({ operation: 'GET /events' }), NOON_MS);
    counter.add(call({ apiKeyId: 'two' as ApiKeyId, allowed: false }), NOON_MS);
    counter.add(call(), NOON_MS + HOUR_MS);
    const shown = counter
      .take()
      .map(({ apiKeyId, hourMs, operation, allowed, refused, lastAllowedAtMs, permissions }) => [
        ...[apiKeyId, (hourMs - NOON_MS) / HOUR_MS, operation, allowed, refused],
        ...[lastAllowedAtMs === null ? null : lastAllowedAtMs - NOON_MS, [...permissions]],
      ]);
    expect(shown).toEqual([
      ['one', 0, 'POST /events', 2, 1, 5, ['orders:write', 'products:write']],
      ['one', 0, 'GET /events', 1, 0, 0, ['orders:write']],
      ['two', 0, 'POST /events', 0, 1, null, []],
      ['one', 1, 'POST /events', 1, 0, HOUR_MS, ['orders:write']],
    ]);
    expect(counter.take()).toEqual([]);
  });

  it('adds what comes back to what was counted meanwhile', () => {
    const counter = new KeyUsageCounter();
    counter.add(call({ allowed: false }), NOON_MS);
    counter.add(call(), NOON_MS + 1);
    const taken = counter.take();
    counter.add(call({ allowed: false }), NOON_MS + 2);
    counter.putBack(taken);
    expect(counter.take()).toMatchObject([{ allowed: 1, refused: 2, lastAllowedAtMs: NOON_MS + 1 }]);
  });

  it('grows to its bound and no further, and says how many calls it did not count', () => {
    const counter = new KeyUsageCounter(2);
    for (const operation of ['a', 'b', 'c', 'c']) counter.add(call({ operation }), NOON_MS);
    const taken = counter.take();
    expect(taken.map(({ operation }) => operation)).toEqual(['a', 'b']);
    counter.add(call({ operation: 'd' }), NOON_MS);
    counter.putBack(taken);
    expect(counter.take().map(({ operation }) => operation)).toEqual(['d', 'a']);
    expect(counter.dropped).toBe(3);
  });
});
