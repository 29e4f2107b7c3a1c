import type { DeliveryChanges, DeliveryRow } from '@signpost/database';
import { type AttemptId, type DeliveryId, idTimeMs, type StoreId } from '@signpost/domain';

/** How many rows one look reads. In a store where more happens, the newest are shown and the rest left out: nobody could read so many. */
const DELIVERIES_MAX = 500;
const ATTEMPTS_MAX = 1_000;

/** How far the clocks of the processes may differ, with the time that a result may wait to be recorded. */
const SLACK_MS = 10_000;

/** Finds out what has changed in a store since the last look. */
export class RecentChanges {
  private seenAttempts: ReadonlySet<AttemptId> = new Set();
  private versions: ReadonlyMap<DeliveryId, string> = new Map();
  private readonly lookBackMs: number;

  /** @param attemptMsMax how long one attempt can take: each look goes back by this much further */
  constructor(
    private readonly changes: DeliveryChanges,
    private readonly storeId: StoreId,
    attemptMsMax: number,
  ) {
    this.lookBackMs = attemptMsMax + SLACK_MS;
  }

  /**
   * Looks once.
   *
   * @param sinceMs - milliseconds since 1970; everything that may have happened since then is looked at
   * @returns the deliveries that are new, or have changed since the look before, the latest last
   */
  async look(sinceMs: number): Promise<readonly DeliveryRow[]> {
    const fromMs = sinceMs - this.lookBackMs;
    const [made, attempts] = await Promise.all([
      this.changes.made(this.storeId, fromMs, DELIVERIES_MAX),
      this.changes.attempted(this.storeId, fromMs, ATTEMPTS_MAX),
    ]);
    const known = new Set(made.map(({ id }) => id));
    const unseen = attempts.filter(({ id, deliveryId }) => !this.seenAttempts.has(id) && !known.has(deliveryId));
    const others = [...new Set(unseen.map(({ deliveryId }) => deliveryId))].slice(0, DELIVERIES_MAX);
    const rows = [...made, ...(await this.changes.deliveries(this.storeId, others))];
    const changed = rows.filter((row) => this.versions.get(row.id) !== versionOf(row));
    this.remember(rows, attempts);
    return changed.toSorted((a, b) => latestMs(a) - latestMs(b));
  }

  /** Remembers only what the next look may read again. */
  private remember(rows: readonly DeliveryRow[], attempts: readonly { id: AttemptId; deliveryId: DeliveryId }[]): void {
    const versions = new Map<DeliveryId, string>();
    for (const { deliveryId } of attempts) {
      const version = this.versions.get(deliveryId);
      if (version !== undefined) versions.set(deliveryId, version);
    }
    for (const row of rows) versions.set(row.id, versionOf(row));
    this.versions = versions;
    this.seenAttempts = new Set(attempts.map(({ id }) => id));
  }
}

/** A text that differs between any two states of a delivery that a watcher would want to be told of. */
function versionOf({ status, trigger, attemptsMade, lastAttemptAt, nextAttemptAt }: DeliveryRow): string {
  return [status, trigger, attemptsMade, lastAttemptAt?.getTime(), nextAttemptAt?.getTime()].join(' ');
}

/** When a delivery was last attempted or, before its first attempt, made. */
function latestMs({ lastAttemptAt, id }: DeliveryRow): number {
  return lastAttemptAt?.getTime() ?? idTimeMs(id);
}
