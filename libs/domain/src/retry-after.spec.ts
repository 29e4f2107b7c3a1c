import fc from 'fast-check';
import { parseRetryAfter } from './retry-after';

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 0);

describe('parseRetryAfter', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['  120 ', 120_000],
    ['0', 0],
    ['007', 7_000],
  ])('reads %j', (value, delayMs) => {
    expect(parseRetryAfter(value, NOW_MS)).toBe(delayMs);
  });

  it('reads every date that JavaScript writes in the preferred form', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        const dateMs = seconds * 1_000;
        expect(parseRetryAfter(new Date(dateMs).toUTCString(), 0)).toBe(dateMs);
      }),
    );
  });

  it('takes a date in the past as no wait', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:48:59 GMT', NOW_MS)).toBe(0);
  });

  it('takes a two-digit year as at most 50 years away', () => {
    const nowMs = Date.UTC(2026, 0, 1);
    expect(parseRetryAfter('Wednesday, 01-Jan-76 00:00:00 GMT', nowMs)).toBe(Date.UTC(2076, 0, 1) - nowMs);
    expect(parseRetryAfter('Saturday, 01-Jan-77 00:00:00 GMT', nowMs)).toBe(0);
  });

  it('takes the leap second', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:60 GMT', NOW_MS)).toBe(60_000);
  });

  it('stays a safe integer for absurd numbers', () => {
    expect(parseRetryAfter('9'.repeat(400), NOW_MS)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    undefined,
    '',
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '5s',
    '5, 6',
    'soon',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Xyz, 06 Nov 1994 08:49:37 GMT',
  ])('reads nothing from %j', (value) => {
    expect(parseRetryAfter(value, NOW_MS)).toBeNull();
  });

  it('never throws and never gives a negative or endless wait', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 4e12 }), (value, nowMs) => {
        const delayMs = parseRetryAfter(value, nowMs);
        if (delayMs !== null) expect(delayMs >= 0 && Number.isSafeInteger(delayMs)).toBe(true);
      }),
    );
  });
});
