import { mintId } from '@signpost/domain';
import type { NewEvent } from '../ports/event-log';
import { storeId } from '../testing/deliveries';
import { BulkJudge } from './bulk-judge';

let nowMs: number;
let judge: BulkJudge;

beforeEach(() => {
  nowMs = 0;
  judge = new BulkJudge(() => nowMs);
});

function delayMs(count: number, store = 1): number | null {
  const event: NewEvent = {
    id: mintId('event', 0),
    type: 'order.create',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: '{}',
  };
  return judge.delayMsOf({ storeId: storeId(store), events: Array.from({ length: count }, () => event) });
}

function isBulk(count: number, store = 1): boolean {
  return delayMs(count, store) !== null;
}

/** How many batches of 25 events in a row are not bulk. */
function smallBatches(store = 1): number {
  for (let count = 0; count < 100; count += 1) if (isBulk(25, store)) return count;
  return Infinity;
}

describe('bulk', () => {
  it('is a large submission, and never a single event, however many there are', () => {
    expect([isBulk(50), isBulk(49)]).toEqual([true, false]);
    for (let count = 0; count < 10_000; count += 1) expect(isBulk(1)).toBe(false);
  });

  it('is a small batch of a store that has just published very many of them, and not of another one', () => {
    expect(smallBatches()).toBe(4);
    expect(isBulk(2)).toBe(true);
    expect(isBulk(2, 2)).toBe(false);
  });

  it('is not what comes at a moderate rate, nor after a rest of a second or two', () => {
    for (let count = 0; count < 1_000; count += 1) {
      expect(isBulk(25)).toBe(false);
      nowMs += 250;
    }
    while (!isBulk(49));
    for (let count = 0; count < 1_000; count += 1) expect(isBulk(49)).toBe(true);
    nowMs += 2_000;
    expect(smallBatches()).toBe(4);
  });

  it('waits for what its store has published as bulk lately, up to a minute, and for nothing of others', () => {
    expect([delayMs(100), delayMs(100), delayMs(60), delayMs(70, 2)]).toEqual([0, 200, 400, 0]);
    nowMs += 100;
    expect(delayMs(100)).toBe(420);
    for (let count = 0; count < 1_000; count += 1) delayMs(100);
    expect(delayMs(100)).toBe(60_000);
    nowMs += 60_000;
    expect(delayMs(100)).toBe(0);
  });

  it('is judged rightly for more stores than are remembered', () => {
    for (let store = 1; store <= 5_000; store += 1) {
      nowMs += 1;
      expect(smallBatches(store)).toBe(4);
    }
    expect(isBulk(2, 4_999)).toBe(true);
  });
});
