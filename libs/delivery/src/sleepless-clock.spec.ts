import fc from 'fast-check';
import { sleeplessClock } from './sleepless-clock';

describe('the sleepless clock', () => {
  it('goes as the monotonic clock does, however often it is read and however the wall clock is adjusted', () => {
    const anyReading = fc.record({ passedMs: fc.nat(1_000), adjustedMs: fc.integer({ min: -1e9, max: 999 }) });
    fc.assert(
      fc.property(fc.array(anyReading), (readings) => {
        let [monotonicMs, wallMs] = [0, 1e12];
        const clockMs = sleeplessClock(
          () => monotonicMs,
          () => wallMs,
        );
        for (const { passedMs, adjustedMs } of readings) {
          monotonicMs += passedMs;
          wallMs += passedMs + adjustedMs;
          expect(clockMs()).toBe(monotonicMs);
        }
      }),
    );
  });

  it('counts the time for which the machine was suspended, which the monotonic clock does not', () => {
    let [monotonicMs, wallMs] = [0, 1e12];
    const clockMs = sleeplessClock(
      () => monotonicMs,
      () => wallMs,
    );
    monotonicMs += 10;
    wallMs += 60_010;
    expect(clockMs()).toBe(60_010);
    monotonicMs += 5;
    wallMs += 5;
    expect(clockMs()).toBe(60_015);
  });
});
