import type { DataSource } from 'typeorm';
import { databaseNowMs } from './database-now';
import { ensurePartitions } from './partitions';

const EVERY_MS = 10 * 60_000;

/**
 * Makes the partitions of the days ahead, once at its start and again and again from then on. APIs and workers each do, so that none of them
 * depends on another that runs, or has run of late.
 */
export class DaysAhead {
  private timer: NodeJS.Timeout | null = null;

  /** @param onFailure - hears why they could not be made, later than at the start; they are tried again */
  constructor(
    private readonly dataSource: DataSource,
    private readonly onFailure: (error: unknown) => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  /** Has made what is needed today when it resolves. @throws when PostgreSQL cannot be reached, or lets nobody make partitions */
  async start(): Promise<void> {
    await this.make();
    this.timer = setInterval(() => void this.makeAgain(), this.everyMs);
  }

  /** Begins nothing more; what is under way ends with the connections. */
  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async makeAgain(): Promise<void> {
    try {
      await this.make();
    } catch (error) {
      if (this.timer !== null) this.onFailure(error);
    }
  }

  private async make(): Promise<void> {
    await ensurePartitions(this.dataSource, await databaseNowMs(this.dataSource));
  }
}
