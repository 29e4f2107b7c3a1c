import { relativeTime } from './time-text';

const NOW_MS = Date.UTC(2026, 2, 14, 12);
const MINUTE_MS = 60_000;

describe('relativeTime', () => {
  it.each([
    [0, 'just now'],
    [-59_000, 'just now'],
    [30_000, 'in a moment'],
    [-MINUTE_MS, '1 minute ago'],
    [-119 * MINUTE_MS, '1 hour ago'],
    [26 * 60 * MINUTE_MS, 'tomorrow'],
    [-400 * 24 * 60 * MINUTE_MS, 'last year'],
  ])('says of %d ms from now: %s', (distanceMs, text) => {
    expect(relativeTime(NOW_MS + distanceMs, NOW_MS)).toBe(text);
  });
});
