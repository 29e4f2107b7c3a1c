import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase, type OpenDatabase, type OpenDatabaseOptions } from '../local/open-database';
import { errorCode } from '../services/error-code';

const LOOK_MS = 250;
const PAUSE_MS = 2_000;

/**
 * A database that stays available as long as it is used: when the embedded PostgreSQL has ended, it is started again at the same address.
 */
export class KeptDatabase {
  private readonly closing = new AbortController();
  private readonly stop: AbortSignal;
  private readonly kept: Promise<void>;

  private constructor(
    private database: OpenDatabase,
    private readonly options: OpenDatabaseOptions,
    stop: AbortSignal,
  ) {
    this.stop = AbortSignal.any([stop, this.closing.signal]);
    this.kept = this.keep();
  }

  /**
   * @param stop - once aborted, a database that has ended is not started again
   * @throws as {@link openDatabase} does
   */
  static async open(options: OpenDatabaseOptions, stop: AbortSignal): Promise<KeptDatabase> {
    return new KeptDatabase(await openDatabase(options), options, stop);
  }

  get url(): string {
    return this.database.url;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.kept;
    await this.database.close();
  }

  private async keep(): Promise<void> {
    while (await this.wait(LOOK_MS)) {
      const { pid } = this.database;
      if (pid === null) return;
      if (!isRunning(pid)) await this.startAgain();
    }
  }

  private async startAgain(): Promise<void> {
    const { say } = this.options;
    say('PostgreSQL has ended; it is started again.');
    // Everybody who uses the database knows this address.
    const port = Number(new URL(this.url).port);
    do {
      try {
        await this.database.close();
        this.database = await openDatabase({ ...this.options, port });
        return;
      } catch (error) {
        say(`PostgreSQL could not be started: ${error instanceof Error ? error.message : String(error)}`);
      }
    } while (await this.wait(PAUSE_MS));
  }

  /** @returns false when the database is to stop meanwhile */
  private wait(ms: number): Promise<boolean> {
    return delay(ms, true, { signal: this.stop }).catch(() => false);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
