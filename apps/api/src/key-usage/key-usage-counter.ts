import type { KeyUsageCount } from '@signpost/database';
import type { ApiKeyId, Permission } from '@signpost/domain';

/** One call with a key. */
export interface KeyCall {
  readonly apiKeyId: ApiKeyId;
  /** Of a small, fixed set: never made up by callers. */
  readonly operation: string;
  readonly allowed: boolean;
  readonly permissions: ReadonlySet<Permission>;
}

interface Count extends KeyUsageCount {
  allowed: number;
  refused: number;
  lastAllowedAtMs: number | null;
  readonly permissions: Set<Permission>;
}

const HOUR_MS = 3_600_000;

/** How many counts are kept at most before they are written down: they take some ten megabytes. */
const COUNTS_MAX = 50_000;

/** Counts calls in memory, by key, hour and operation. */
export class KeyUsageCounter {
  private counts = new Map<string, Count>();
  private droppedCalls = 0;

  constructor(private readonly countsMax = COUNTS_MAX) {}

  /** Calls that were not counted, because there was no room. */
  get dropped(): number {
    return this.droppedCalls;
  }

  /** Counts that {@link take} would hand out. */
  get size(): number {
    return this.counts.size;
  }

  /** @param nowMs - milliseconds since 1970 */
  add({ apiKeyId, operation, allowed, permissions }: KeyCall, nowMs: number): void {
    const count = this.countOf({ apiKeyId, operation, hourMs: nowMs - (nowMs % HOUR_MS) });
    if (count === null) {
      this.droppedCalls += 1;
      return;
    }
    if (!allowed) {
      count.refused += 1;
      return;
    }
    count.allowed += 1;
    count.lastAllowedAtMs = nowMs;
    for (const permission of permissions) count.permissions.add(permission);
  }

  /** Hands out what was counted, and begins anew. */
  take(): readonly KeyUsageCount[] {
    const taken = [...this.counts.values()];
    this.counts = new Map();
    return taken;
  }

  /** Takes back what could not be written down, as far as there is room. */
  putBack(counts: readonly KeyUsageCount[]): void {
    for (const back of counts) {
      const count = this.countOf(back);
      if (count === null) {
        this.droppedCalls += back.allowed + back.refused;
        continue;
      }
      count.allowed += back.allowed;
      count.refused += back.refused;
      if (count.lastAllowedAtMs === null || count.lastAllowedAtMs < (back.lastAllowedAtMs ?? 0)) {
        count.lastAllowedAtMs = back.lastAllowedAtMs;
      }
      for (const permission of back.permissions) count.permissions.add(permission);
    }
  }

  /** @returns null when there is no room for another one */
  private countOf({ apiKeyId, hourMs, operation }: Pick<Count, 'apiKeyId' | 'hourMs' | 'operation'>): Count | null {
    const name = `${apiKeyId} ${hourMs} ${operation}`;
    const known = this.counts.get(name);
    if (known !== undefined) return known;
    if (this.counts.size >= this.countsMax) return null;
    const count = {
      ...{ apiKeyId, hourMs, operation, allowed: 0, refused: 0 },
      lastAllowedAtMs: null,
      permissions: new Set<Permission>(),
    };
    this.counts.set(name, count);
    return count;
  }
}
