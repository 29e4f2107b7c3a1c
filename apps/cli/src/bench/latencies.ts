/** How long something took, over many times, in milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** @param timesMs - in any order; none at all gives zeros */
export function summarizeLatencies(timesMs: readonly number[]): Latencies {
  const sorted = Float64Array.from(timesMs).sort();
  return {
    count: sorted.length,
    p50Ms: nearestRank(sorted, 0.5),
    p95Ms: nearestRank(sorted, 0.95),
    p99Ms: nearestRank(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
  };
}

/** The smallest value that is not less than this share of all values: always a measured value, never one in between. */
function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
