import type { DataSource } from 'typeorm';
import { databaseNowMs } from '../database-now';
import { ensurePartitions } from './partitions';

const EVERY_MS = 10 * 60_000;

/**
 * Makes the partitions of the days ahead, at its start and every ten minutes from then on. Every API and every worker does so: none of them
 * depends on another one that runs.
 */
export class DaysAhead {
  private timer: NodeJS.Timeout | null = null;

  /** @param onFailure - hears why partitions could not be made, after the start; ten minutes later it is tried again */
  constructor(
    private readonly dataSource: DataSource,
    private readonly onFailure: (error: unknown) => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  /** Resolves once the partitions are there. @throws when PostgreSQL cannot be reached, or does not permit to make partitions */
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
