import { epochMs } from './gate-sql';
import type { SqlRunner } from './sql-client';

const HEARD_EVERY_MS = 10_000;

/** Whoever answers later says little about the time. */
const TIME = { name: 'database_time', text: `SELECT ${epochMs('now()')} AS now_ms`, answerMsMax: 1_000 };

/**
 * PostgreSQL's time as last heard, carried on by a clock of this machine. Ids are made of it where their time says in which day's partition
 * they belong: there are days around PostgreSQL's own, whatever the clock of this machine says.
 */
export class DatabaseClock {
  private aheadMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @param elapsedMs - milliseconds of a clock that never goes back and never stops, of which only differences mean something */
  constructor(
    private readonly sql: SqlRunner,
    private readonly elapsedMs: () => number,
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

  /** Milliseconds since 1970. */
  nowMs(): number {
    return Math.round(this.elapsedMs() + this.aheadMs);
  }

  private async hear(): Promise<void> {
    const askedAtMs = this.elapsedMs();
    const [row] = await this.sql.run<{ now_ms: number }>(TIME, []);
    if (row !== undefined) this.aheadMs = row.now_ms - (askedAtMs + this.elapsedMs()) / 2;
  }
}
