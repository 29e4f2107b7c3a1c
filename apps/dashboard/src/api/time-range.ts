const HOUR_MS = 3_600_000;

/** Spans of time that end now, longest last. */
export const RECENT = [
  { value: '1h', label: 'Last hour', ms: HOUR_MS },
  { value: '24h', label: 'Last 24 hours', ms: 24 * HOUR_MS },
  { value: '7d', label: 'Last 7 days', ms: 7 * 24 * HOUR_MS },
  { value: '30d', label: 'Last 30 days', ms: 30 * 24 * HOUR_MS },
] as const;

export type Recent = (typeof RECENT)[number]['value'];

/** A span of time as an address keeps it: one that ends now, or one between two times (ISO 8601). */
export interface TimeRange {
  readonly recent?: Recent;
  readonly since?: string;
  readonly until?: string;
}

/** When a range begins and ends, for the query of the API; an open side has no member. */
export function spanOf({ recent, since, until }: TimeRange, nowMs: number): { since?: string; until?: string } {
  const ms = RECENT.find(({ value }) => value === recent)?.ms;
  if (ms !== undefined) return { since: new Date(nowMs - ms).toISOString() };
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

/** Reads a range of time out of an address. */
export function readTimeRange(search: Record<string, unknown>): TimeRange {
  const recent = RECENT.find(({ value }) => value === search['recent'])?.value;
  if (recent !== undefined) return { recent };
  const [since, until] = [readTime(search['since']), readTime(search['until'])];
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

function readTime(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
