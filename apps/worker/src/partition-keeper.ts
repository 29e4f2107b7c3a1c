import { setTimeout as sleep } from 'node:timers/promises';
import { DaysAhead, type Retention, type RetentionReport } from '@signpost/database';
import type { DataSource } from 'typeorm';

const EVERY_MS = 10 * 60_000;

/** What a partition keeper tells of itself. */
export interface PartitionObserver {
  retained(report: RetentionReport): void;
  retentionFailed(error: unknown): void;
}

/** Makes partitions before they are needed, and drops data that is past its retention, while the worker goes on with its deliveries. */
export class PartitionKeeper {
  private readonly ahead: DaysAhead;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    dataSource: DataSource,
    private readonly retention: Retention,
    private readonly observer: PartitionObserver,
  ) {
    this.ahead = new DaysAhead(dataSource, (error) => observer.retentionFailed(error));
  }

  /** Resolves once the partitions exist that are needed today. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.ahead.start();
    this.running = this.forget();
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.forget());
    }, EVERY_MS);
  }

  /**
   * Begins nothing more.
   *
   * @param graceMs - how long to wait for work that is under way, such as a partition that is being dropped
   */
  async stop(graceMs: number): Promise<void> {
    this.ahead.stop();
    if (this.timer !== null) clearInterval(this.timer);
    this.stopping.abort();
    const ended = new AbortController();
    const grace = sleep(graceMs, undefined, { signal: ended.signal }).catch(() => undefined);
    await Promise.race([this.running, grace]);
    ended.abort();
  }

  private async forget(): Promise<void> {
    try {
      for (let more = true; more && !this.stopping.signal.aborted;) {
        const report = await this.retention.run(this.stopping.signal);
        if (report !== null) this.observer.retained(report);
        more = report?.more ?? false;
      }
    } catch (error) {
      this.observer.retentionFailed(error);
    }
  }
}
