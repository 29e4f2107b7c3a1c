/** More jobs than pile up behind a worker in a busy moment, and few enough for any Redis: they take some ten megabytes. */
const WAITING_MAX = 10_000;
const LOOK_EVERY_MS = 1_000;

/** Whether a queue has room for more jobs. Counts the jobs about once a second; as long as there is room, no caller waits for the count. */
export class QueueRoom {
  private lookedAtMs = -Infinity;
  private isFull = false;

  /**
   * @param countWaiting - how many jobs wait; it may fail
   * @param nowMs - a clock that is never set
   */
  constructor(
    private readonly countWaiting: () => Promise<number>,
    private readonly nowMs: () => number,
  ) {}

  /** Also true when the look failed: whoever then adds to the queue is told that it is away. */
  async isLeft(): Promise<boolean> {
    const nowMs = this.nowMs();
    if (nowMs - this.lookedAtMs >= LOOK_EVERY_MS) {
      this.lookedAtMs = nowMs;
      const looking = this.look();
      if (this.isFull) await looking;
    }
    return !this.isFull;
  }

  private async look(): Promise<void> {
    this.isFull = await this.countWaiting().then(
      (waiting) => waiting >= WAITING_MAX,
      () => false,
    );
  }
}
