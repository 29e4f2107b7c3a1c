import { epochMs } from './gate-sql';
import type { SqlRunner } from './sql-client';

const HEARD_EVERY_MS = 10_000;
/** Two clocks that are read one after the other differ by less. */
const SKIPPED_MS_MIN = 500;

/** Whoever answers later says little about the time. */
const TIME = { name: 'database_time', text: `SELECT ${epochMs('now()')} AS now_ms`, answerMsMax: 1_000 };

/**
 * PostgreSQL's time as last heard, carried on by a clock of this machine. Ids are made of it where their time says in which day's partition
 * they belong: there are days around PostgreSQL's own, whatever the clock of this machine says.
 */
export class DatabaseClock {
  private aheadMs = 0;
  /** What the machine was suspended for, or its clock set forward, by the time when PostgreSQL was asked last. */
  private skippedMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /**
   * @param monotonicMs - milliseconds of a clock that nobody sets; while the machine is suspended it may stop
   * @param sleeplessMs - the same, but it never stops; it may go forward when the machine's is set
   */
  constructor(
    private readonly sql: SqlRunner,
    private readonly monotonicMs: () => number,
    private readonly sleeplessMs: () => number,
  ) {}

  /** To be awaited before the time is asked for. @throws as {@link SqlRunner.run} does */
  async start(): Promise<void> {
    await this.hear();
    // One that is not answered leaves the time as it goes on here.
    this.timer = setInterval(() => void this.hear().catch(() => undefined), HEARD_EVERY_MS);
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Milliseconds since 1970. Whether time has passed unnoticed, or the clock was merely set, is for PostgreSQL to say: it is asked at once. */
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
