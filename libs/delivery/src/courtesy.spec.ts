import { Courtesy } from './courtesy';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** How long bulk rests after a piece that took so long. */
async function restAfter(courtesy: Courtesy, workedMs: number): Promise<number> {
  const startMs = performance.now();
  const rested = courtesy.rest(workedMs).then(() => performance.now() - startMs);
  await jest.advanceTimersByTimeAsync(10_000);
  return rested;
}

describe('the courtesy of bulk', () => {
  it('is not due where there are no others', async () => {
    const courtesy = new Courtesy();
    expect(courtesy.pieceOf(500)).toBe(500);
    expect(await restAfter(courtesy, 20)).toBe(0);
  });

  it('is to work in small pieces and to rest for longer than it works, while there are others', async () => {
    const courtesy = new Courtesy();
    courtesy.othersServed();
    expect(courtesy.pieceOf(500)).toBe(25);
    expect(courtesy.pieceOf(20)).toBe(20);
    expect(await restAfter(courtesy, 10)).toBeGreaterThanOrEqual(20);
  });

  it('ends a second after the last of them, and no rest is longer than a quarter of a second', async () => {
    const courtesy = new Courtesy();
    courtesy.othersServed();
    expect(await restAfter(courtesy, 60_000)).toBe(250);
    expect(courtesy.pieceOf(500)).toBe(500);
  });
});
