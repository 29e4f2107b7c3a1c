import { ensurePartitions } from '@signpost/database';
import type { DataSource } from 'typeorm';

const EVERY_MS = 60 * 60_000;

/** Makes partitions ahead of need: when the process starts, and once an hour. */
export class PartitionKeeper {
  private keptAtMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs - the time in milliseconds since the epoch */
  constructor(
    private readonly dataSource: DataSource,
    private readonly nowMs: () => number,
  ) {}

  async keep(): Promise<void> {
    if (this.nowMs() - this.keptAtMs < EVERY_MS) return;
    await ensurePartitions(this.dataSource, this.nowMs());
    this.keptAtMs = this.nowMs();
  }
}
