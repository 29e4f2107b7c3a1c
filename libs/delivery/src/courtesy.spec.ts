import { Courtesy } from './courtesy';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** How long bulk rests after a piece that took `workedMs`. */
async function restAfter(courtesy: Courtesy, workedMs: number, waitedMs = 0): Promise<number> {
  const startMs = performance.now();
  const rested = courtesy.rest(workedMs, waitedMs).then(() => performance.now() - startMs);
  await jest.advanceTimersByTimeAsync(10_000);
  return rested;
}

describe('the courtesy of bulk', () => {
  it('is not due where there are no others', async () => {
    const courtesy = new Courtesy(30_000);
    expect(courtesy.pieceOf(500)).toBe(500);
    expect(await restAfter(courtesy, 20)).toBe(0);
  });

  it('is to work in small pieces and to rest for longer than it works, while there are others', async () => {
    const courtesy = new Courtesy(30_000);
    courtesy.othersServed();
    expect(courtesy.pieceOf(500)).toBe(25);
    expect(courtesy.pieceOf(20)).toBe(20);
    expect(courtesy.pieceOf(2_000, 250)).toBe(250);
    expect(await restAfter(courtesy, 10)).toBeGreaterThanOrEqual(20);
  });

  it('ends a second after the last of them, and no rest is longer than a quarter of a second', async () => {
    const courtesy = new Courtesy(30_000);
    courtesy.othersServed();
    expect(await restAfter(courtesy, 60_000)).toBe(250);
    expect(courtesy.pieceOf(500)).toBe(500);
  });

  it('shrinks as bulk waits beyond its patience, so that it does not wait for ever, and never to less than half of the time', async () => {
    const restAfterWaiting = (waitedMs: number): Promise<number> => {
      const courtesy = new Courtesy(30_000);
      courtesy.othersServed();
      return restAfter(courtesy, 10, waitedMs);
    };
    expect(await restAfterWaiting(30_000)).toBe(await restAfterWaiting(0));
    expect(await restAfterWaiting(60_000)).toBe((await restAfterWaiting(0)) / 2);
    expect(await restAfterWaiting(86_400_000)).toBe(10);
    // A negative wait, from a clock that is behind the API's clock, makes no difference.
    expect(await restAfterWaiting(-1_000)).toBe(await restAfterWaiting(0));
  });
});
