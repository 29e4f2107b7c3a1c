import { assert, integer, property } from 'fast-check';
import { wakeBucketEndMs } from './wake-bucket';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const times = integer({ min: 0, max: 2 ** 45 });
const delays = integer({ min: -1_000, max: 2 * DAY_MS });

describe('wakeBucketEndMs', () => {
  it('never lets a wake come before it is due, nor at a time that has come already', () => {
    assert(
      property(times, delays, (nowMs, delayMs) => {
        const endMs = wakeBucketEndMs(nowMs, delayMs);
        return endMs > nowMs && endMs > nowMs + delayMs;
      }),
    );
  });

  it('lets a wake come late by 100 ms or a sixteenth of its delay at most', () => {
    assert(
      property(times, delays, (nowMs, delayMs) => {
        const latenessMs = wakeBucketEndMs(nowMs, delayMs) - nowMs - Math.max(0, delayMs);
        return latenessMs <= Math.max(100, delayMs / 16);
      }),
    );
  });

  it('holds few jobs for a webhook that keeps failing for a day', () => {
    const delaysMs = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, DAY_MS];
    const ends = new Set<number>();
    // Deliveries fail all day, ten a second, each at one of the steps of the schedule.
    for (const delayMs of delaysMs) {
      for (let agoMs = 0; agoMs < delayMs; agoMs += 100) ends.add(wakeBucketEndMs(NOW_MS - agoMs, delayMs));
    }
    const waiting = [...ends].filter((endMs) => endMs > NOW_MS);
    expect(waiting.length).toBeLessThan(300);
  });
});
