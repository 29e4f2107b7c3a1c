import { summarizeLatencies } from './latencies';

describe('summarizeLatencies', () => {
  it('gives values that were measured, by their rank', () => {
    const timesMs = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(summarizeLatencies(timesMs)).toEqual({ count: 200, p50Ms: 100, p95Ms: 190, p99Ms: 198, maxMs: 200 });
  });

  it('gives the one value there is', () => {
    expect(summarizeLatencies([3])).toEqual({ count: 1, p50Ms: 3, p95Ms: 3, p99Ms: 3, maxMs: 3 });
  });

  it('gives zeros when nothing was measured', () => {
    expect(summarizeLatencies([])).toEqual({ count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
