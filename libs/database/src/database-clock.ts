import type { SqlRunner } from './sql/sql-client';
import { epochMs } from './sql/time-sql';

const HEARD_EVERY_MS = 10_000;
/** A smaller change of the difference between the two clocks counts as none: they are read one after the other. */
const SKIPPED_MS_MIN = 500;

/** A later answer says little about the time. */
const TIME = { name: 'database_time', text: `SELECT ${epochMs('now()')} AS now_ms`, answerMsMax: 1_000 };

/**
 * PostgreSQL's time as last heard, carried on by a clock of this machine. It is the time of ids that are stored in partitions by day: there
 * are partitions for the days around PostgreSQL's own, whatever the clock of this machine says.
 */
export class DatabaseClock {
  private aheadMs = 0;
  /**
   * How far `sleeplessMs` was ahead of `monotonicMs` when PostgreSQL was last asked. It grows when the machine is suspended, or its clock
   * set forward.
   */
  private skippedMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /**
   * @param monotonicMs - milliseconds of a clock that nobody sets; while the machine is suspended it may stop
   * @param sleeplessMs - milliseconds of a clock that never stops; it may go forward when the clock of the machine is set
   */
  constructor(
    private readonly sql: SqlRunner,
    private readonly monotonicMs: () => number,
    private readonly sleeplessMs: () => number,
  ) {}

  /** To be awaited before the time is asked for. @throws as {@link SqlRunner.run} does */
  async start(): Promise<void> {
    await this.hear();
    // When PostgreSQL does not answer, the time goes on by the clock of this machine.
    this.timer = setInterval(() => void this.hear().catch(() => undefined), HEARD_EVERY_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /**
   * Milliseconds since 1970. When the machine was suspended or its clock was set, only PostgreSQL can tell the time: it is asked at once,
   * for the next calls.
   */
  nowMs(): number {
    if (this.skipped() - this.skippedMs > SKIPPED_MS_MIN) void this.hear().catch(() => undefined);
    return Math.round(this.monotonicMs() + this.aheadMs);
  }

  private skipped(): number {
    return this.sleeplessMs() - this.monotonicMs();
  }

  private async hear(): Promise<void> {
    this.skippedMs = this.skipped();
    const askedAtMs = this.monotonicMs();
    const [row] = await this.sql.run<{ now_ms: number }>(TIME, []);
    if (row !== undefined) this.aheadMs = row.now_ms - (askedAtMs + this.monotonicMs()) / 2;
  }
}
