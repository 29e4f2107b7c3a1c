import { setTimeout as sleep } from 'node:timers/promises';
import { databaseNowMs, ensurePartitions, type Retention, type RetentionReport } from '@signpost/database';
import type { DataSource } from 'typeorm';

const EVERY_MS = 10 * 60_000;

/** What a partition keeper tells of itself. */
export interface PartitionObserver {
  retained(report: RetentionReport): void;
  retentionFailed(error: unknown): void;
}

/** Makes partitions ahead of need and forgets what is past its retention, beside the work on deliveries. */
export class PartitionKeeper {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly retention: Retention,
    private readonly observer: PartitionObserver,
  ) {}

  /** Makes what is needed today before it resolves. @throws when PostgreSQL cannot be reached. */
  async start(): Promise<void> {
    await this.ensure();
    this.running = this.forget();
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.keep());
    }, EVERY_MS);
  }

  /**
   * Begins nothing more.
   *
   * @param graceMs - how long it waits for what is under way, such as a partition that is being dropped
   */
  async stop(graceMs: number): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.stopping.abort();
    const ended = new AbortController();
    const grace = sleep(graceMs, undefined, { signal: ended.signal }).catch(() => undefined);
    await Promise.race([this.running, grace]);
    ended.abort();
  }

  private async keep(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await this.ensure().catch((error: unknown) => this.observer.retentionFailed(error));
    await this.forget();
  }

  private async ensure(): Promise<void> {
    await ensurePartitions(this.dataSource, await databaseNowMs(this.dataSource));
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
