import { gather } from './gather';

const PATIENCE = { usualMs: 8, mostMs: 32 };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** How long a group is held open that gets another item every `everyMs`; `Infinity`: none. A turn of the event loop takes a millisecond here. */
async function heldMs(lastGroup: number, everyMs: number, fullAt = Infinity): Promise<number> {
  const beganAtMs = performance.now();
  let endedAtMs: number | null = null;
  const arrived = () => 1 + Math.floor((performance.now() - beganAtMs) / everyMs);
  void gather(lastGroup, PATIENCE, arrived, () => arrived() >= fullAt).then(() => (endedAtMs = performance.now()));
  for (let step = 0; endedAtMs === null && step < 1_000; step += 1) await jest.advanceTimersByTimeAsync(1);
  return Math.round((endedAtMs ?? Infinity) - beganAtMs);
}

describe('a group', () => {
  it.each([
    ['is closed at once after one that came alone', 1, 0.1, 0, 1],
    ['is held open for a millisecond for each item of the last one', 5, 0.1, 5, 7],
    ['is held open no longer than usual at a moderate rate', 16, 1, 8, 10],
    ['is held open longer after a large one, while more is coming', 40, 0.4, 20, 26],
    ['is never held open for longer than the most', 400, 0.1, 32, 40],
    ['is closed when nobody is coming any more, however large the last one was', 400, Infinity, 8, 14],
  ])('%s', async (_, lastGroup, everyMs, least, most) => {
    const ms = await heldMs(lastGroup, everyMs);
    expect(ms).toBeGreaterThanOrEqual(least);
    expect(ms).toBeLessThanOrEqual(most);
  });

  it('is not held open when it is full already', async () => {
    expect(await heldMs(400, 0.1, 1)).toBe(0);
  });

  it('is closed when it fills', async () => {
    expect(await heldMs(400, 0.1, 200)).toBeLessThan(26);
    expect(await heldMs(400, 0.1)).toBeGreaterThan(30);
  });
});
